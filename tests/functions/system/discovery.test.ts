import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { createServices, provideServices } from "../../../shared/services.ts";
import { startService } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

const { api, url, clock, services, database } = await startService();
const issuer = "http://localhost:7071";
const documents = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

/** Puts a service with other settings in the place of this one, until the test is over. */
function withSettings(settings: Record<string, string>): void {
  provideServices(createServices(loadConfig({ ...testSettings, ...database, ...settings }), clock));
}
afterEach(() => provideServices(services));

describe.each(documents)("GET %s", (path) => {
  test("is complete for API Management, OpenID Discovery and RFC 8414", async () => {
    const { status, json, headers } = await api.get(path);
    expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(json).toEqual({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      response_types_supported: ["code"],
      grant_types_supported: ["client_credentials", "refresh_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
      revocation_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
      introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
      claims_supported: expect.arrayContaining(["iss", "aud", "sub", "exp", "status"]),
    });
  });

  test("takes the issuer from ISSUER alone, whatever the request says of its host", async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      let received = "";
      socket
        .on("data", (chunk) => (received += chunk.toString()))
        .on("end", () => resolve(received))
        .on("error", reject);
      const evil = "evil.example";
      const lies = `X-Forwarded-Host: ${evil}\r\nX-Forwarded-Proto: https\r\nForwarded: host=${evil}\r\nX-Original-Host: ${evil}`;
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${evil}\r\n${lies}\r\nConnection: close\r\n\r\n`);
    });
    expect(text).toContain(`"issuer":"${issuer}"`);
    expect(text).not.toContain("evil");
    withSettings({ ISSUER: "https://auth.example.com/tenant" });
    expect((await api.get(path)).json).toMatchObject({
      issuer: "https://auth.example.com/tenant",
      jwks_uri: "https://auth.example.com/tenant/.well-known/jwks.json",
    });
  });

  test("names RS256 beside another algorithm, as Discovery demands", async () => {
    withSettings({ ALGORITHM: "ES256" });
    expect((await api.get(path)).json.id_token_signing_alg_values_supported).toEqual(["ES256", "RS256"]);
  });
});

describe.each([...documents, "/.well-known/jwks.json"])("GET %s, through a cache", (path) => {
  test("may be kept for 5 minutes, and read from any origin without credentials", async () => {
    const { headers } = await api.get(path, { headers: { Origin: "https://anyone.example" } });
    expect(headers.get("cache-control")).toBe("public, max-age=300");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.has("access-control-allow-credentials")).toBe(false);
  });

  test("bears an ETag, and is 304 without a body for a caller who has it", async () => {
    const first = await api.get(path);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const { status, json, headers } = await api.get(path, { headers: { "If-None-Match": condition } });
      expect([status, json, headers.get("etag")], condition).toEqual([304, undefined, etag]);
      expect(headers.get("cache-control")).toBe("public, max-age=300");
    }
    for (const condition of ['"other"', etag.slice(1, -1), ""]) {
      const { status, json } = await api.get(path, { headers: { "If-None-Match": condition } });
      expect([status, json], condition).toEqual([200, first.json]);
    }
    const head = await api.send("HEAD", path);
    expect([head.status, head.headers.get("etag")]).toEqual([200, etag]);
  });
});

test("the ETag of the key set changes with the keys", async () => {
  const before = (await api.get("/.well-known/jwks.json")).headers.get("etag") ?? "";
  await services.tokens.rotation?.rotate(clock.now());
  clock.advance(31);
  const { status, json, headers } = await api.get("/.well-known/jwks.json", { headers: { "If-None-Match": before } });
  expect([status, json.keys.length, headers.get("etag") === before]).toEqual([200, 2, false]);
});
