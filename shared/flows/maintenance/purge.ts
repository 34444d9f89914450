import type { CallContext } from "../../context.ts";
import { setImmediate } from "node:timers/promises";
import { addSeconds } from "../../platform/clock.ts";
import { placeKeptSeconds } from "../../tokens/status/status-tokens.ts";

/** What was removed. */
interface Counts {
  readonly refreshTokens: number;
  readonly sessions: number;
  readonly clientTokens: number;
  readonly usedStates: number;
  /** Places in the status lists, of sessions that ended long ago and whose rows stay. */
  readonly places: number;
}

/** What a purge has done. */
export interface PurgeReport extends Counts {
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
 * Removes what has expired for a day, and frees the places of sessions that ended long ago, in small transactions, so
 * that nobody waits for its locks.
 * @throws ApiError DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE; what was removed before stays so
 */
export async function purgeExpired(
  { services, now }: CallContext,
  { batchSize, milliseconds }: PurgeLimits = defaultLimits,
): Promise<PurgeReport> {
  const endAt = performance.now() + milliseconds;
  const before = addSeconds(now, -afterlifeSeconds);
  const lately = addSeconds(now, -shortAfterlifeSeconds);
  const ended = addSeconds(now, -placeKeptSeconds(await services.tokens.keys.longestTokenSeconds(now)));
  let sum: Counts = { refreshTokens: 0, sessions: 0, clientTokens: 0, usedStates: 0, places: 0 };
  for (let batches = 1; ; batches += 1) {
    // A second run removes what the first has left, if anything.
    const step = await services.transaction(
      async (tx): Promise<Counts> => ({
        ...(await tx.sessions.purge(batchSize, before)),
        clientTokens: await tx.clients.tokens.purge(batchSize, lately),
        usedStates: await tx.social.usedStates.purge(batchSize, lately),
        places: await tx.sessions.freePlaces(batchSize, ended),
      }),
      { isRepeatable: true },
    );
    sum = add(sum, step);
    const { sessions: _follow, ...steps } = step;
    const isComplete = Object.values(steps).every((count) => count < batchSize);
    if (isComplete || performance.now() > endAt) return { ...sum, batches, isComplete };
    // The embedded engine works on this thread: calls that wait have their turn.
    await setImmediate();
  }
}

function add(one: Counts, other: Counts): Counts {
  return {
    refreshTokens: one.refreshTokens + other.refreshTokens,
    sessions: one.sessions + other.sessions,
    clientTokens: one.clientTokens + other.clientTokens,
    usedStates: one.usedStates + other.usedStates,
    places: one.places + other.places,
  };
}
