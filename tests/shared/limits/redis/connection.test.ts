import { describe, expect, test } from "vitest";
import { createRedisConnection, type RedisOptions } from "../../../../shared/limits/redis/connection.ts";
import { createRedisCounter } from "../../../../shared/limits/redis/counter.ts";
import type { RedisServer } from "../../../../shared/limits/redis/settings.ts";
import { selfSigned } from "../../../../tools/self-signed.ts";
import { hasRedis, startRedis } from "../../../support/redis-server.ts";
import { whenDone } from "../../../support/when-done.ts";

const now = new Date("2026-01-15T12:00:00.000Z");
const attempt = { bucket: Buffer.alloc(32, 7), windowSeconds: 60 };
const unavailable = expect.objectContaining({
  code: "LIMITS_UNAVAILABLE",
  options: expect.objectContaining({ retryAfterSeconds: 5 }),
});

/** Counts on a server at this port, over a connection of its own. */
function counterAt(port: number, { server = {}, ...options }: RedisOptions & { server?: Partial<RedisServer> } = {}) {
  const at = { host: "127.0.0.1", port, isTls: false, login: undefined, ...server };
  const connection = createRedisConnection(at, options);
  whenDone(() => connection.close());
  const { count } = createRedisCounter(connection);
  return async () => (await count([attempt], now))[0]?.used;
}

describe.skipIf(!hasRedis)("18.1 Redis that is away", () => {
  test("is a 503 for the attempts of that time; once it is back, they are counted again, without its script", async () => {
    const redis = await startRedis();
    const count = counterAt(redis.port);
    expect([await count(), await count()]).toEqual([1, 2]);
    await redis.stop();
    await expect(count()).rejects.toEqual(unavailable);
    await redis.restart();
    await expect.poll(() => count().catch(() => 0), { timeout: 20_000 }).toBe(1);
    expect(await count()).toBe(2);
  });

  test("and never answered is a 503 soon, and later attempts do not wait", async () => {
    const redis = await startRedis();
    await redis.stop();
    const count = counterAt(redis.port);
    await expect(count()).rejects.toEqual(unavailable);
  });

  test("or takes commands and does not answer, is a 503 in time; the connection is made anew", async () => {
    const redis = await startRedis();
    const count = counterAt(redis.port, { answerMilliseconds: 300, connectMilliseconds: 300 });
    await expect.poll(() => count().catch(() => 0), { timeout: 20_000 }).toBeGreaterThan(0);
    redis.pause();
    await expect(count()).rejects.toEqual(unavailable);
    await expect(count()).rejects.toEqual(unavailable);
    redis.resume();
    await expect.poll(() => count().catch(() => 0), { timeout: 20_000 }).toBeGreaterThan(1);
  });
});

describe.skipIf(!hasRedis)("18.1 what Redis holds", () => {
  test("of a bucket ends two minutes after its window", async () => {
    const redis = await startRedis();
    await counterAt(redis.port)();
    const key = `latchkey:limit:${attempt.bucket.toString("base64url")}`;
    const milliseconds = Number(/^:(\d+)/.exec(await redis.command("PTTL", key))?.[1]);
    expect(milliseconds).toBeGreaterThan(100_000);
    expect(milliseconds).toBeLessThanOrEqual(180_000);
  });
});

describe.skipIf(!hasRedis)("18.1 Redis over TLS", () => {
  test("is asked if its certificate is trusted, and told nothing otherwise", async () => {
    const redis = await startRedis({ isTls: true });
    const server = { host: "localhost", isTls: true };
    expect(await counterAt(redis.port, { server, ca: redis.ca ?? "" })()).toBe(1);
    const stranger = counterAt(redis.port, { server, ca: selfSigned().cert });
    await expect(stranger()).rejects.toEqual(unavailable);
    await expect(counterAt(redis.port, { server })()).rejects.toEqual(unavailable);
    expect(await redis.command("DBSIZE")).toMatch(/^:1\r/);
  });
});

describe.skipIf(!hasRedis)("18.1 signing in to Redis", () => {
  test("with a user and a password; a wrong one is a 503", async () => {
    const redis = await startRedis();
    await redis.command("ACL", "SETUSER", "latchkey", "on", ">pass word", "~latchkey:*", "+@all");
    await redis.command("ACL", "SETUSER", "default", "-@all", "+ping", "+acl");
    const withPassword = (password: string) =>
      counterAt(redis.port, { server: { login: { username: "latchkey", password } } });
    expect(await withPassword("pass word")()).toBe(1);
    await expect(withPassword("another")()).rejects.toEqual(unavailable);
    await expect(counterAt(redis.port)()).rejects.toEqual(unavailable);
  });

  test("with tokens of an identity, renewed by AUTH on the live connection before they end", async () => {
    const redis = await startRedis();
    const objectId = "00112233-4455-6677-8899-aabbccddeeff";
    const given: string[] = [];
    const tokens = {
      async getToken(scope: string) {
        expect(scope).toBe("https://redis.azure.com/.default");
        const claims = Buffer.from(JSON.stringify({ oid: objectId, number: given.length })).toString("base64url");
        const token = `e30.${claims}.c2lnbmF0dXJl`;
        given.push(token);
        await redis.command("ACL", "SETUSER", objectId, "on", "resetpass", `>${token}`, "~latchkey:*", "+@all");
        return { token, expiresOnTimestamp: Date.now() + 1500 };
      },
    };
    await redis.command("ACL", "SETUSER", "default", "-@all", "+ping", "+acl", "+info", "+client");
    const identity = { clientId: undefined, isInAzure: false };
    const count = counterAt(redis.port, { server: { login: { identity } }, tokens });
    expect(await count()).toBe(1);
    const connectionId = async () => /id=(\d+)[^\n]*user=00112233/.exec(await redis.command("CLIENT", "LIST"))?.[1];
    const before = await connectionId();
    const renewals = async () => {
      const stats = await redis.command("INFO", "commandstats");
      const [, calls, failed] = /cmdstat_auth:calls=(\d+).*,failed_calls=(\d+)/.exec(stats) ?? [];
      return Number(calls ?? 0) - Number(failed ?? 0);
    };
    await expect.poll(renewals, { timeout: 20_000 }).toBeGreaterThan(1);
    expect([await count(), await connectionId()]).toEqual([2, before]);
    expect(given.length).toBeGreaterThan(2);
  });
});
