import { DatabaseUnavailable } from "../platform/database/errors.ts";
import { describeError, log } from "../platform/log.ts";
import type { Services } from "../services.ts";

/** How a dependency answered, and how long it took. */
export interface Check {
  readonly status: "up" | "down" | "not configured";
  readonly latency_ms?: number;
  /** What is wrong, in words of ours that name nothing. */
  readonly reason?: string;
}

/** Asks the database and the queue service, both at once. A failure is logged with its cause, which callers do not learn. */
export async function checkReadiness({
  database,
  queues,
}: Pick<Services, "database" | "queues">): Promise<{ database: Check; queue: Check }> {
  const [databaseCheck, queueCheck] = await Promise.all([
    timed("database", () => database.ping()),
    queues ? timed("queue", () => queues.ping()) : ({ status: "not configured" } as const),
  ]);
  return { database: databaseCheck, queue: queueCheck };
}

async function timed(dependency: string, ping: () => Promise<void>): Promise<Check> {
  const startedAt = performance.now();
  const check = await ping().then(
    () => ({ status: "up" as const }),
    (error: unknown) => {
      log("warn", "dependency.down", { dependency, cause: describeError(error) });
      return { status: "down" as const, ...(error instanceof DatabaseUnavailable && { reason: error.reason }) };
    },
  );
  return { ...check, latency_ms: Math.round((performance.now() - startedAt) * 10) / 10 };
}
