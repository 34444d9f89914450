import { setImmediate } from "node:timers/promises";
import type { Services } from "../services.ts";

/** What a purge has done. */
export interface PurgeReport {
  readonly refreshTokens: number;
  readonly sessions: number;
  readonly batches: number;
  /** Whether nothing is left that has expired; otherwise the time was up. */
  readonly isComplete: boolean;
}

export interface PurgeLimits {
  /** Tokens of one transaction. */
  readonly batchSize: number;
  readonly milliseconds: number;
}

/** Two minutes: with the wait for a database that sleeps and a last batch that is slow, it stays below five. */
const defaultLimits: PurgeLimits = { batchSize: 500, milliseconds: 120_000 };

/**
 * Removes what has expired, in small transactions, so that nobody waits for its locks.
 * @throws ApiError DATABASE_UNAVAILABLE; what was removed before stays so
 */
export async function purgeExpired(
  services: Services,
  now: Date,
  { batchSize, milliseconds }: PurgeLimits = defaultLimits,
): Promise<PurgeReport> {
  const endAt = performance.now() + milliseconds;
  let [refreshTokens, sessions, batches] = [0, 0, 0];
  for (;;) {
    // A second run removes what the first has left, if anything.
    const step = await services.transaction((tx) => tx.sessions.purge(batchSize, now), { isRepeatable: true });
    refreshTokens += step.refreshTokens;
    sessions += step.sessions;
    batches += 1;
    const isComplete = step.refreshTokens < batchSize;
    if (isComplete || performance.now() > endAt) return { refreshTokens, sessions, batches, isComplete };
    // The embedded engine works on this thread: calls that wait have their turn.
    await setImmediate();
  }
}
