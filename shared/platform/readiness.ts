import type { Database } from "./database/database.ts";
import { DatabaseUnavailable } from "./database/errors.ts";
import { describeError, log } from "./log.ts";
import type { Queues } from "./queues/queues.ts";

/** How a dependency answered, and how long it took. */
export interface Check {
  readonly status: "up" | "down" | "not configured";
  readonly latency_ms?: number;
  /** What is wrong, in our own words, naming no host or account. */
  readonly reason?: string;
}

export interface Checks {
  readonly database: Check;
  readonly queue: Check;
}

export interface Dependencies {
  readonly database: Database;
  /** Rejects if the service's tables are missing or unreadable. */
  readonly checkTables: () => Promise<void>;
  readonly queues: Queues | undefined;
}

/**
 * @returns a function that checks the database and the queue service at the same time. A failure is logged with its
 * cause, which callers do not see.
 */
export function createReadiness(dependencies: Dependencies): () => Promise<Checks> {
  let latest: Promise<Checks> | undefined;
  let isPending = false;
  let askedAt = 0;
  return () => {
    // All callers wait for the same slow answer: checks must not pile up on a dependency in trouble.
    const isShared = isPending || performance.now() - askedAt < sharedMilliseconds;
    if (latest && isShared) return latest;
    askedAt = performance.now();
    isPending = true;
    latest = check(dependencies).finally(() => (isPending = false));
    return latest;
  };
}

/** How long an answer is reused: anyone may ask, and each check costs the dependencies something. */
const sharedMilliseconds = 1000;

async function check({ database, checkTables, queues }: Dependencies): Promise<Checks> {
  const [databaseCheck, queueCheck] = await Promise.all([
    timed("database", () => database.ping().then(checkTables)),
    queues ? timed("queue", () => queues.ping()) : ({ status: "not configured" } as const),
  ]);
  return { database: databaseCheck, queue: queueCheck };
}

async function timed(dependency: string, ping: () => Promise<void>): Promise<Check> {
  const startedAt = performance.now();
  const outcome = await ping().then(
    () => ({ status: "up" as const }),
    (error: unknown) => {
      log("warn", "dependency.down", { dependency, cause: describeError(error) });
      return { status: "down" as const, ...(error instanceof DatabaseUnavailable && { reason: error.reason }) };
    },
  );
  return { ...outcome, latency_ms: Math.round((performance.now() - startedAt) * 10) / 10 };
}
