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

/** A key that signs later, or from now on. */
export interface Promotion {
  readonly kid: string;
  readonly signsFrom: Date;
  /** Whether this call has made it. */
  readonly isNew: boolean;
}

/** What people and the nightly timer do with the keys. Instances find it out within 30 seconds. */
export interface KeyRotation {
  /** All keys with their states, in the order in which they sign. */
  list(now: Date): Promise<ScheduledKey<KeptKey>[]>;
  /** Publishes the next key, which signs after all caches know it; leaves one that is there. */
  rotate(now: Date): Promise<Promotion>;
  /** Lets the next key sign at once, or a new one. Caches that do not know it refuse its tokens until they look again. */
  rotateNow(now: Date): Promise<Promotion>;
  /**
   * Withdraws a key: what it has signed is refused. In the place of the current key the next one signs, or a new one.
   * @returns the key that signs now; undefined when `kid` is unknown or was withdrawn before
   */
  revoke(kid: string, now: Date): Promise<ScheduledKey<KeptKey> | undefined>;
  /** Rotates when the current key has signed for long enough, and removes keys whose last token has expired. */
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
    // Somebody else may have been faster: then theirs is the next key.
    return made ? { kid: made.kid, signsFrom, isNew: true } : rotate(now);
  };
  return {
    list,
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
 * Lets the next key sign from now on; where there is none, a new one. Several instances may get here at once: the unique
 * generation lets one of their keys in.
 */
export async function beginSigning(
  keyStore: KeyStore,
  { rows, ...options }: KeyOptions & { rows: readonly KeptKey[] },
  now: Date,
): Promise<void> {
  const keys = scheduleKeys(rows, options, now);
  const next = keys.find(({ state, row }) => state === "next" && row.algorithm === options.algorithm);
  if (next && (await keyStore.promote(next.row.kid, now))) return;
  await keyStore.make({ ...options, generation: nextGeneration(rows), now, signsFrom: now });
}
