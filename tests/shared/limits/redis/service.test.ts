// The service with its counters in Redis.
import { beforeAll, describe, expect, test } from "vitest";
import { hasRedis, startRedis } from "../../../support/redis-server.ts";
import { startService, withSettings } from "../../../support/service.ts";

async function startOnRedis() {
  const redis = await startRedis();
  const settings = { RATE_LIMITS: "on", REDIS_URL: `redis://127.0.0.1:${redis.port}`, TRUSTED_PROXY_HOPS: "2" };
  return { redis, settings, service: await startService(settings) };
}

describe.skipIf(!hasRedis)("18.1 with REDIS_URL", () => {
  const body = { email: "nobody@example.com", password: "not the pass phrase" };
  let started: Awaited<ReturnType<typeof startOnRedis>>;
  beforeAll(async () => void (started = await startOnRedis()));
  const loginFrom = async (address: string) =>
    (await started.service.api.post("/auth/login", { body, headers: { "X-Forwarded-For": address } })).status;

  test("instances count together, and the database has no counts", async () => {
    const { service, settings } = started;
    const statuses = [];
    for (let one = 0; one < 3; one += 1) statuses.push(await loginFrom("203.0.113.7"));
    withSettings(service, settings);
    for (let one = 0; one < 3; one += 1) statuses.push(await loginFrom("203.0.113.8"));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const { queries } = service.services.database;
    const rows = await queries
      .withTables<{ rate_limits: { used: number } }>()
      .selectFrom("rate_limits")
      .selectAll()
      .execute();
    expect(rows).toEqual([]);
  });

  test("while Redis is away, logins are 503 LIMITS_UNAVAILABLE, /health says so, and the log why, without a secret", async () => {
    const { redis, service } = started;
    const { api, logLines } = service;
    const health = async () => (await api.get("/health")).json.data;
    expect(await health()).toMatchObject({ status: "healthy", checks: { redis: { status: "up" } } });
    await redis.stop();
    logLines.length = 0;
    const { status, json, headers } = await api.post("/auth/login", { body });
    expect([status, json.error_code, headers.get("retry-after")]).toEqual([503, "LIMITS_UNAVAILABLE", "5"]);
    await expect
      .poll(health, { timeout: 20_000 })
      .toMatchObject({ status: "degraded", checks: { database: { status: "up" }, redis: { status: "down" } } });
    expect(logLines.join()).toContain("LIMITS_UNAVAILABLE");
    await redis.restart();
    await expect.poll(() => loginFrom("198.51.100.1"), { timeout: 20_000 }).toBe(401);
  });
});
