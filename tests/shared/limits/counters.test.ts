import { describe, expect, test } from "vitest";
import { createBuckets } from "../../../shared/limits/buckets.ts";
import type { RateCounter } from "../../../shared/limits/counter.ts";
import { createDatabaseCounter } from "../../../shared/limits/database-counter.ts";
import { createRedisConnection } from "../../../shared/limits/redis/connection.ts";
import { createRedisCounter } from "../../../shared/limits/redis/counter.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { hasRedis, startRedis } from "../../support/redis-server.ts";
import { createTestServices } from "../../support/service.ts";
import { testSecretKey } from "../../support/settings.ts";
import { whenDone } from "../../support/when-done.ts";

const { services, clock } = await createTestServices();
const database = createDatabaseCounter(services.database);
const bucketOf = createBuckets(testSecretKey);
const bucket = (value: string) => bucketOf({ policy: "credentials", value });
const start = clock.now();

async function redisCounter(): Promise<RateCounter> {
  const { port } = await startRedis();
  const connection = createRedisConnection({ host: "127.0.0.1", port, isTls: false, login: undefined });
  whenDone(() => connection.close());
  return createRedisCounter(connection);
}

const counters = [["the database", database], ...(hasRedis ? [["Redis", await redisCounter()] as const] : [])] as const;

describe.each(counters)("18.1 counting in %s", (_where, counter) => {
  const count = async (name: string, now = start) =>
    (await counter.count([{ bucket: bucket(name), windowSeconds: 60 }], now))[0];

  test("a window begins with its first attempt, and ends on time", async () => {
    const resetsAt = addSeconds(start, 60);
    expect(await count("window")).toEqual({ used: 1, resetsAt });
    expect(await count("window", addSeconds(start, 30))).toEqual({ used: 2, resetsAt });
    expect(await count("window", addSeconds(start, 59.999))).toEqual({ used: 3, resetsAt });
    expect(await count("window", resetsAt)).toEqual({ used: 1, resetsAt: addSeconds(start, 120) });
  });

  test("several keys are counted apart, in the order in which they were given", async () => {
    const both = [
      { bucket: bucket("one"), windowSeconds: 60 },
      { bucket: bucket("other"), windowSeconds: 3600 },
    ];
    await count("other");
    const counts = await counter.count(both, start);
    expect(counts.map(({ used }) => used)).toEqual([1, 2]);
    expect((await counter.count(both.toReversed(), start)).map(({ used }) => used)).toEqual([3, 2]);
  });

  test("fifty at once get fifty numbers, on a key that is new and on one that is not", async () => {
    for (const round of [0, 50]) {
      const counts = await Promise.all(Array.from({ length: 50 }, () => count("race")));
      const numbers = counts.map((each) => each?.used ?? 0).toSorted((one, other) => one - other);
      expect(numbers).toEqual(Array.from({ length: 50 }, (_, place) => round + place + 1));
    }
  });

  test("instances whose clocks are 20 s apart share a window, which is never longer than theirs together", async () => {
    const fast = (seconds: number) => addSeconds(start, seconds + 20);
    const slow = (seconds: number) => addSeconds(start, seconds);
    expect((await count("clocks", slow(0)))?.used).toBe(1);
    expect((await count("clocks", fast(39)))?.used).toBe(2);
    expect((await count("clocks", fast(40)))?.used).toBe(1);
    expect(await count("clocks", slow(79))).toEqual({ used: 2, resetsAt: slow(120) });
  });
});

describe("18.1 counting in the database", () => {
  const count = async (name: string, now = start) =>
    (await database.count([{ bucket: bucket(name), windowSeconds: 60 }], now))[0];

  test("a bucket's name gives nothing away, and is another for another policy, value or secret", () => {
    const names = [
      bucket("203.0.113"),
      bucket("203.0.114"),
      bucketOf({ policy: "refresh", value: "203.0.113" }),
      createBuckets("another".repeat(8))({ policy: "credentials", value: "203.0.113" }),
    ].map((name) => name.toString("latin1"));
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).not.toContain("203");
    expect(bucket("203.0.113")).toHaveLength(32);
  });

  test("what has ended is removed, some at a time; what has not stays", async () => {
    const { rateLimits } = services;
    while ((await rateLimits.purge(100, addSeconds(start, 86_400))) > 0);
    for (const name of ["old 1", "old 2", "old 3"]) await count(name);
    await count("young", addSeconds(start, 1));
    expect(await rateLimits.purge(2, addSeconds(start, 60))).toBe(2);
    expect(await rateLimits.purge(2, addSeconds(start, 60))).toBe(1);
    expect((await count("young", addSeconds(start, 1)))?.used).toBe(2);
    expect((await count("old 1"))?.used).toBe(1);
  });
});
