import { addSeconds } from "../../platform/clock.ts";

/** The stored dates that decide when a key signs. */
export interface DatedKey {
  readonly kid: string;
  /** The order in which keys were made. */
  readonly generation: number;
  readonly algorithm: string;
  readonly created_at: Date;
  /** When it starts to sign; later than its creation, so that caches know it by then. Null: since its creation. */
  readonly signs_from: Date | null;
  /** When it was withdrawn; nothing that it signed is valid any more. */
  readonly revoked_at: Date | null;
  /** The longest lifetime of the access tokens it signed; null if unknown, meaning up to a day. */
  readonly token_seconds: number | null;
}

/**
 * - `next`: published, and signs later
 * - `current`: signs
 * - `retired`: a later key has replaced it; published until the last token that it signed has expired
 * - `gone`: nothing that it signed is valid any more
 * - `revoked`: withdrawn
 */
export type KeyState = "next" | "current" | "retired" | "gone" | "revoked";

/** A key with its state. */
export interface ScheduledKey<K extends DatedKey> {
  readonly row: K;
  readonly state: KeyState;
  readonly signsFrom: Date;
}

export interface ScheduleOptions {
  readonly algorithm: string;
}

/**
 * The state of every key for an instance that signs with `algorithm`, in signing order. Depends on nothing but the
 * dates, so that all instances agree at any time.
 */
export function scheduleKeys<K extends DatedKey>(
  rows: readonly K[],
  { algorithm }: ScheduleOptions,
  now: Date,
): ScheduledKey<K>[] {
  const inOrder = rows
    .map((row) => ({ row, signsFrom: row.signs_from ?? row.created_at }))
    .toSorted(
      (one, other) => one.signsFrom.getTime() - other.signsFrom.getTime() || one.row.generation - other.row.generation,
    );
  /**
   * Keys that have begun to sign. One that was withdrawn later has still replaced its predecessor, which stays retired.
   */
  const begun = inOrder.filter(
    ({ row, signsFrom }) => signsFrom <= now && !(row.revoked_at && row.revoked_at < signsFrom),
  );
  /** Whether a later key has been signing for this long. */
  const isReplacedFor = (kid: string, seconds: number): boolean => {
    const since = begun[begun.findIndex(({ row }) => row.kid === kid) + 1]?.signsFrom;
    return since !== undefined && addSeconds(since, seconds) <= now;
  };
  const latest = begun.findLast(({ row }) => row.algorithm === algorithm);
  const current = latest && !isReplacedFor(latest.row.kid, handoverSeconds) ? latest : undefined;
  const stateOf = ({ row, signsFrom }: { row: K; signsFrom: Date }): KeyState => {
    if (row.revoked_at !== null) return "revoked";
    if (row === current?.row) return "current";
    if (signsFrom > now) return "next";
    const lastTokenSeconds = row.token_seconds ?? longestTokenSeconds;
    return isReplacedFor(row.kid, handoverSeconds + lastTokenSeconds + skewSeconds) ? "gone" : "retired";
  };
  return inOrder.map((dated) => ({ row: dated.row, signsFrom: dated.signsFrom, state: stateOf(dated) }));
}

/** Known caches keep the key set for up to an hour (API Management), and what they fetch may be 5 minutes old. */
export const publishedBeforeSeconds = 66 * 60;

/**
 * How long an instance may keep signing with a replaced key: it rereads the keys every 30 seconds, and while a new
 * `ALGORITHM` rolls out, instances with the old one still use theirs.
 */
export const handoverSeconds = 5 * 60;
const skewSeconds = 60;

/** No access token lives longer than a day. */
export const longestTokenSeconds = 24 * 60 * 60;
