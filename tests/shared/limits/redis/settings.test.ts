import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../../shared/config.ts";
import { testSettings } from "../../../support/settings.ts";

const identity = { clientId: undefined, isInAzure: false };

describe("18.1 REDIS_URL", () => {
  test.each([
    ["redis://localhost", { host: "localhost", port: 6379, isTls: false, login: undefined }],
    [
      "redis://:p%40ss@127.0.0.1:6380/",
      { host: "127.0.0.1", port: 6380, isTls: false, login: { username: "default", password: "p@ss" } },
    ],
    ["redis://[::1]:6380", { host: "::1", port: 6380, isTls: false, login: undefined }],
    [
      "rediss://cache.westeurope.redis.azure.net:10000",
      { host: "cache.westeurope.redis.azure.net", port: 10_000, isTls: true, login: { identity } },
    ],
    [
      "rediss://ada:secret@cache.example.com:6380",
      { host: "cache.example.com", port: 6380, isTls: true, login: { username: "ada", password: "secret" } },
    ],
  ])("%s names a server", (url, server) => {
    expect(loadConfig({ ...testSettings, REDIS_URL: url }).redis.server).toEqual(server);
  });

  test("is not needed", () => {
    expect(loadConfig(testSettings).redis.server).toBeUndefined();
  });

  test.each([
    ["redis://cache.example.com:6379", "must be rediss://, except for a server on this machine"],
    ["https://cache.example.com", "must be rediss://HOST:PORT"],
    ["cache.example.com:6380", "must be rediss://HOST:PORT"],
    ["rediss://", "must be rediss://HOST:PORT"],
    ["rediss://ada@cache.example.com", "must be rediss://HOST:PORT"],
    ["rediss://ada:%zz@cache.example.com", "must be rediss://HOST:PORT"],
    ["rediss://ada:%ff@cache.example.com", "must be rediss://HOST:PORT"],
    ["rediss://cache.example.com/1", "must be rediss://HOST:PORT"],
    ["rediss://cache.example.com?ssl=true", "must be rediss://HOST:PORT"],
    ["cache.example.com:6380,password=secret,ssl=True", "must be rediss://HOST:PORT"],
  ])("%s is refused with the rule, and without the value", (url, rule) => {
    const refused = () => loadConfig({ ...testSettings, REDIS_URL: url });
    expect(refused).toThrow(`REDIS_URL ${rule}`);
    expect(refused).not.toThrow("example.com");
  });
});
