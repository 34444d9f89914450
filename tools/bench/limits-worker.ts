// One of the processes of bench:limits: `one FILE LIMIT STEPS` tries one key, `many FILE 0 STEPS` counts many.
import { setImmediate } from "node:timers/promises";
import { loadConfig } from "../../shared/config.ts";
import { createBuckets } from "../../shared/limits/buckets.ts";
import { createDatabaseCounter } from "../../shared/limits/database-counter.ts";
import { createRedisConnection } from "../../shared/limits/redis/connection.ts";
import { createRedisCounter } from "../../shared/limits/redis/counter.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { ApiError } from "../../shared/platform/errors/api-error.ts";
import { noSource } from "../../shared/platform/source.ts";
import { createServices } from "../../shared/services.ts";

/** What a process came to. */
export interface LimitsTally {
  readonly admitted: number;
  /** Keys that were counted in the database. */
  readonly counted: number;
  /** Calls that could not be counted. */
  readonly failed: number;
}

const [kind, file = "", limit = "", steps = ""] = process.argv.slice(2);
const secretKey = "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e";
const services = createServices(
  loadConfig({
    SECRET_KEY: secretKey,
    EMBEDDED_DB_FILE: file,
    REDIS_URL: process.env["REDIS_URL"],
    ...(kind === "one" && { RATE_LIMIT_CREDENTIALS: `${limit}/86400` }),
  }),
);
const tally = { admitted: 0, counted: 0, failed: 0 };
const inFlight = 8;
const keys = 10_000;

/** An attempt, as the gate makes it. */
async function tryOneKey(): Promise<void> {
  const call = { now: systemClock.now(), source: noSource };
  // Redis has the counts of earlier runs.
  const key = [{ policy: "credentials", value: file }] as const;
  if (services.limiter.recall(key, call)) return;
  const { standings } = await services.limiter.count(key, call);
  tally.counted += 1;
  if (standings.every(({ isExceeded }) => !isExceeded)) tally.admitted += 1;
}

const { server } = services.config.redis;
const redis = server && createRedisConnection(server);
const counter = redis ? createRedisCounter(redis) : createDatabaseCounter(services.database);
const bucketOf = createBuckets(secretKey);
const someBucket = () => bucketOf({ policy: "mail", value: String(Math.floor(Math.random() * keys)) });

async function countManyKeys(step: number): Promise<void> {
  const now = systemClock.now();
  const attempts = Array.from({ length: 1 + (step % 3) }, () => ({ bucket: someBucket(), windowSeconds: 86_400 }));
  const counts = await counter.count(attempts, now);
  tally.counted += counts.length;
  if (!redis && step % 1000 === 0) await services.rateLimits.purge(500, now);
}

let next = Number(steps);
async function work(): Promise<void> {
  while (next > 0) {
    next -= 1;
    try {
      await (kind === "one" ? tryOneKey() : countManyKeys(next));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tally.failed += 1;
      // A refusal without a wait would keep a connection from being made.
      await setImmediate();
    }
  }
}

await Promise.all(Array.from({ length: inFlight }, work));
await services.close();
redis?.close();
process.send?.(tally);
process.disconnect();
