import { addSeconds } from "../../platform/clock.ts";
import type { KeptKey, KeyAlgorithm, KeyStore } from "./key-store.ts";
import { publishedBeforeSeconds, scheduleKeys, type ScheduledKey } from "./key-schedule.ts";

export interface KeyOptions {
  readonly algorithm: KeyAlgorithm;
  /** How long an access token lives. */
  readonly tokenSeconds: number;
}

export interface RotationOptions extends KeyOptions {
  /** How long a key signs. */
  readonly rotationSeconds: number;
}

/** A key that signs from now on or later. */
export interface Promotion {
  readonly kid: string;
  readonly signsFrom: Date;
  /** Whether this call made it. */
  readonly isNew: boolean;
}

/** What operators and the nightly job do with the keys. Instances notice within 30 seconds. */
export interface KeyRotation {
  /** All keys with their states, in signing order. */
  list(now: Date): Promise<ScheduledKey<KeptKey>[]>;
  /** See `KeyStore`. */
  readonly ownJwkOf: KeyStore["ownJwkOf"];
  /** Publishes the next key, which signs once all caches know it. Keeps a next key that already exists. */
  rotate(now: Date): Promise<Promotion>;
  /**
   * Makes the next key, or a new one, sign at once. Caches that do not know it refuse its tokens until they reread the
   * keys.
   */
  rotateNow(now: Date): Promise<Promotion>;
  /**
   * Withdraws a key: everything it signed is refused. If it was the current key, the next one or a new one takes over.
   * @returns the key that signs now; undefined if `kid` is unknown or already withdrawn
   */
  revoke(kid: string, now: Date): Promise<ScheduledKey<KeptKey> | undefined>;
  /** Rotates if the current key has signed for long enough, and removes keys whose last token has expired. */
  maintain(now: Date): Promise<{ readonly published: Promotion | undefined; readonly removed: number }>;
}

/** @param options how long keys and tokens live */
export function createKeyRotation(keyStore: KeyStore, options: RotationOptions): KeyRotation {
  const list = async (now: Date) => scheduleKeys(await keyStore.list(), options, now);
  const own = (keys: readonly ScheduledKey<KeptKey>[], state: ScheduledKey<KeptKey>["state"]) =>
    keys.findLast((key) => key.state === state && key.row.algorithm === options.algorithm);

  const rotate = async (now: Date): Promise<Promotion> => {
    const keys = await list(now);
    const waiting = own(keys, "next");
    if (waiting) return { kid: waiting.row.kid, signsFrom: waiting.signsFrom, isNew: false };
    const signsFrom = addSeconds(now, publishedBeforeSeconds);
    const made = await keyStore.make({
      ...options,
      generation: nextGeneration(keys.map((key) => key.row)),
      now,
      signsFrom,
    });
    // If another instance was faster, its key is the next one.
    return made ? { kid: made.kid, signsFrom, isNew: true } : rotate(now);
  };
  return {
    list,
    ownJwkOf: (key) => keyStore.ownJwkOf(key),
    rotate,
    async rotateNow(now) {
      const rows = await keyStore.list();
      const before = new Set(rows.map(({ kid }) => kid));
      await beginSigning(keyStore, { ...options, rows }, now);
      const current = own(await list(now), "current");
      if (!current) throw new Error("no key could be made");
      return { kid: current.row.kid, signsFrom: current.signsFrom, isNew: !before.has(current.row.kid) };
    },
    async revoke(kid, now) {
      if (!(await keyStore.revoke(kid, now))) return undefined;
      const current = own(await list(now), "current");
      if (current) return current;
      await beginSigning(keyStore, { ...options, rows: await keyStore.list() }, now);
      return own(await list(now), "current");
    },
    async maintain(now) {
      const keys = await list(now);
      let removed = 0;
      for (const { row, state } of keys) if (state === "gone" && (await keyStore.remove(row.kid))) removed += 1;
      const current = own(keys, "current");
      const isDue = current !== undefined && addSeconds(current.signsFrom, options.rotationSeconds) <= now;
      return { published: isDue && !own(keys, "next") ? await rotate(now) : undefined, removed };
    },
  };
}

function nextGeneration(rows: readonly KeptKey[]): number {
  return Math.max(0, ...rows.map(({ generation }) => generation)) + 1;
}

/**
 * Makes the next key, or a new one, sign from now on. If several instances get here at once, the unique generation lets
 * only one of their keys in.
 */
export async function beginSigning(
  keyStore: KeyStore,
  { rows, ...options }: KeyOptions & { rows: readonly KeptKey[] },
  now: Date,
): Promise<void> {
  const promoteNext = async (keys: readonly KeptKey[]): Promise<boolean> => {
    const isNext = ({ state, row }: ScheduledKey<KeptKey>) => state === "next" && row.algorithm === options.algorithm;
    const next = scheduleKeys(keys, options, now).find(isNext);
    return next !== undefined && keyStore.promote(next.row.kid, now);
  };
  if (await promoteNext(rows)) return;
  const made = await keyStore.make({ ...options, generation: nextGeneration(rows), now, signsFrom: now });
  // Another instance was faster. If its clock is ahead, its key would sign only when this one has caught up.
  if (!made) await promoteNext(await keyStore.list());
}
