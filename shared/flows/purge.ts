import { setImmediate } from "node:timers/promises";
import { addSeconds } from "../platform/clock.ts";
import type { Services } from "../services.ts";

/** What a purge has done. */
export interface PurgeReport {
  readonly refreshTokens: number;
  readonly sessions: number;
  readonly clientTokens: number;
  readonly usedStates: number;
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
 * For how long what has expired is kept: a session's place in the status list may be given to another only when the last of
 * its access tokens has expired too. They live for a day at the most, and clocks differ.
 */
export const afterlifeSeconds = 24 * 60 * 60 + 120;

/** Of what nothing else hangs on: a client's token, a used state. Clocks differ. */
const shortAfterlifeSeconds = 120;

/**
 * Removes what has expired for a day, in small transactions, so that nobody waits for its locks.
 * @throws ApiError DATABASE_UNAVAILABLE; what was removed before stays so
 */
export async function purgeExpired(
  services: Services,
  now: Date,
  { batchSize, milliseconds }: PurgeLimits = defaultLimits,
): Promise<PurgeReport> {
  const endAt = performance.now() + milliseconds;
  const before = addSeconds(now, -afterlifeSeconds);
  const lately = addSeconds(now, -shortAfterlifeSeconds);
  let [refreshTokens, sessions, clientTokens, usedStates, batches] = [0, 0, 0, 0, 0];
  for (;;) {
    // A second run removes what the first has left, if anything.
    const step = await services.transaction(
      async (tx) => ({
        ...(await tx.sessions.purge(batchSize, before)),
        clientTokens: await tx.clientTokens.purge(batchSize, lately),
        usedStates: await tx.usedStates.purge(batchSize, lately),
      }),
      { isRepeatable: true },
    );
    refreshTokens += step.refreshTokens;
    sessions += step.sessions;
    clientTokens += step.clientTokens;
    usedStates += step.usedStates;
    batches += 1;
    const isComplete = [step.refreshTokens, step.clientTokens, step.usedStates].every((count) => count < batchSize);
    if (isComplete || performance.now() > endAt)
      return { refreshTokens, sessions, clientTokens, usedStates, batches, isComplete };
    // The embedded engine works on this thread: calls that wait have their turn.
    await setImmediate();
  }
}
