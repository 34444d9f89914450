import { setImmediate } from "node:timers/promises";
import type { CallContext } from "../../context.ts";
import { addSeconds } from "../../platform/clock.ts";
import type { Stores } from "../../stores.ts";
import { statusIndexKeptSeconds } from "../../tokens/status/status-tokens.ts";

/**
 * Removes what expired a day ago, and frees the status indexes of sessions that ended long ago, in small transactions,
 * so that nobody waits for locks.
 * @throws ApiError DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE; earlier removals remain
 */
export async function purgeExpired(
  context: CallContext,
  { batchSize, milliseconds }: PurgeLimits = defaultLimits,
): Promise<PurgeReport> {
  const endAt = performance.now() + milliseconds;
  const until = await instants(context);
  let before: Partial<Counts> = {};
  for (let batches = 1; ; batches += 1) {
    // A second run removes what the first one left, if anything.
    const batch = await context.services.transaction(context, (tx) => purgeBatch(tx, batchSize, until), {
      isRepeatable: true,
    });
    const sum = (before = add(before, batch));
    const isComplete = Object.values(batch).every((count) => count < batchSize);
    if (isComplete || performance.now() > endAt) return { ...sum, batches, isComplete };
    // The embedded engine runs on this thread: let waiting calls have their turn.
    await setImmediate();
  }
}

export interface PurgeLimits {
  /** The most that a purger removes in one transaction; of counts of rate limits, eight times as many. */
  readonly batchSize: number;
  readonly milliseconds: number;
}

/** With a sleeping database, a slow last batch, and what else the job does, it stays below five minutes. */
const defaultLimits: PurgeLimits = { batchSize: 500, milliseconds: 100_000 };

/** The result of a purge. */
export interface PurgeReport extends Counts {
  readonly batches: number;
  /** Whether nothing expired is left; otherwise the time ran out. */
  readonly isComplete: boolean;
}

/** Removes up to `limit` rows of a table, with dependent rows. @returns how many of each kind */
type Purger = (tx: Stores, limit: number, until: Instants) => Promise<Readonly<Record<string, number>>>;

/** Everything that is purged. Every table that grows needs a line here. */
const purgers = [
  (tx, limit, until) => tx.sessions.purge(limit, until.longAgo),
  async (tx, limit, until) => ({ clientTokens: await tx.clients.tokens.purge(limit, until.lately) }),
  async (tx, limit, until) => ({ formerEvents: await tx.activity.purgeFormer(limit, until.lately) }),
  async (tx, limit, until) => ({ devices: await tx.accounts.purgeDevices(limit, until.devicesKept) }),
  async (tx, limit, { failuresCounted: strangers, devicesKept: accounts }) => ({
    signInFailures: await tx.signInFailures.purge(limit, { strangers, accounts }),
  }),
  async (tx, limit, until) => ({ usedStates: await tx.social.usedStates.purge(limit, until.lately) }),
  // Anyone can add to them, and they are small: many at once, yet so few that SQL Server does not lock the whole table.
  async (tx, limit, until) => ({ rateLimits: await tx.rateLimits.purge(8 * limit, until.lately) }),
  async (tx, limit, until) => ({ oneTimeTokens: await tx.oneTimeTokens.purge(limit, until.longAgo) }),
  async (tx, limit, until) => ({ mfaChallenges: await tx.mfa.challenges.purge(limit, until.lately) }),
  async (tx, limit, until) => ({ unconfirmedFactors: await tx.mfa.totp.purge(limit, until.longAgo) }),
  async (tx, limit) => ({ appsSealedAnew: await tx.mfa.totp.sealAnew(limit) }),
  async (tx, limit, until) => ({ passkeyChallenges: await tx.passkeys.purgeChallenges(limit, until.lately) }),
  async (tx, limit, until) => ({ registrations: await tx.accounts.purgeRegistrations(limit, until.lately) }),
  async (tx, limit, until) => ({ mails: await tx.outbox.purge(limit, until.mailsKept) }),
  async (tx, limit, until) => ({ stoppedAddresses: await tx.suppressions.purge(limit, until.stopped) }),
  // Their rows stay, to detect a late reuse.
  async (tx, limit, until) => ({ places: await tx.sessions.freeStatusIndexes(limit, until.statusIndexesKept) }),
] as const satisfies readonly Purger[];

type KeyOf<Union> = Union extends unknown ? keyof Union : never;
/** The counts of all purgers. */
type Counts = Readonly<Record<KeyOf<Awaited<ReturnType<(typeof purgers)[number]>>>, number>>;

/** Until when something must have expired to be removed. */
interface Instants {
  readonly now: Date;
  readonly longAgo: Date;
  readonly lately: Date;
  /** When a mail must have been posted to be forgotten. */
  readonly mailsKept: Date;
  /** When mail must have come back from an address for it to get mail again. */
  readonly stopped: Date;
  /** When a session must have ended for its status index to be free. */
  readonly statusIndexesKept: Date;
  /** Earlier wrong passwords of strangers delay nobody any more. */
  readonly failuresCounted: Date;
  /** A device that was not seen since has lost its cookie. */
  readonly devicesKept: Date;
}

/**
 * How long expired rows are kept: a session's status index may be reused only when the last of its access tokens has
 * expired too. They live for a day at most, and clocks differ.
 */
export const afterlifeSeconds = 24 * 60 * 60 + 120;

/** For rows that nothing depends on: a client's token, a used state. Clocks differ. */
const shortAfterlifeSeconds = 120;

/** How long an address gets no mail that mail came back from: mailboxes come back, and nobody could prove one without mail. */
const stoppedSeconds = 30 * 24 * 60 * 60;

/** A day: longer than any delay. */
const failureSeconds = 24 * 60 * 60;

/** A year, as its cookie, and a month. */
const deviceSeconds = 395 * 24 * 60 * 60;

async function instants({ services: { config, tokens }, now }: CallContext): Promise<Instants> {
  return {
    now,
    devicesKept: addSeconds(now, -deviceSeconds),
    failuresCounted: addSeconds(now, -failureSeconds),
    longAgo: addSeconds(now, -afterlifeSeconds),
    lately: addSeconds(now, -shortAfterlifeSeconds),
    mailsKept: addSeconds(now, -config.mailDelivery.keptSeconds),
    stopped: addSeconds(now, -stoppedSeconds),
    statusIndexesKept: addSeconds(now, -statusIndexKeptSeconds(await tokens.keys.longestTokenSeconds(now))),
  };
}

async function purgeBatch(tx: Stores, limit: number, until: Instants): Promise<Counts> {
  const counts = {};
  for (const purge of purgers) Object.assign(counts, await purge(tx, limit, until));
  return counts as Counts;
}

function add(sum: Partial<Counts>, batch: Counts): Counts {
  const names = Object.keys(batch) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, (sum[name] ?? 0) + batch[name]])) as Counts;
}
