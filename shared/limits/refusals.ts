import type { Source } from "../platform/source.ts";
import type { PolicyName } from "./policies.ts";

/** That a bucket is used up. */
export interface RememberedRefusal {
  readonly policy: PolicyName;
  readonly resetsAt: Date;
  /** Who was refused first. */
  readonly source: Source;
}

/** A refusal that is over, and how many calls were refused by it after the first. */
export interface EndedRefusal extends RememberedRefusal {
  readonly count: number;
}

/**
 * Remembers until when buckets are used up, so that a flood costs no round trips. It only ever refuses: what it has
 * forgotten is counted again.
 * @param most how many it remembers; beyond that it forgets the oldest
 */
export function createRefusals(most = 10_000) {
  const byBucket = new Map<string, RememberedRefusal & { count: number }>();
  let ended: EndedRefusal[] = [];
  /** The earliest end of those remembered: nothing is over before it. */
  let nextEnd = Infinity;

  const forget = (bucket: string, refusal: EndedRefusal) => {
    byBucket.delete(bucket);
    if (refusal.count > 0) ended.push(refusal);
  };

  const sweep = (now: number) => {
    if (now < nextEnd) return;
    nextEnd = Infinity;
    for (const [bucket, refusal] of byBucket) {
      const end = refusal.resetsAt.getTime();
      if (end <= now) forget(bucket, refusal);
      else nextEnd = Math.min(nextEnd, end);
    }
  };

  return {
    /** The refusal of a bucket that is used up, counting this call; undefined if nothing is known. */
    recall(bucket: Buffer, now: Date): RememberedRefusal | undefined {
      const found = byBucket.get(keyOf(bucket));
      if (!found || found.resetsAt <= now) return undefined;
      found.count += 1;
      return found;
    },

    /** Remembers a bucket that has just been refused. @returns whether this is the first time in its window, here */
    note(bucket: Buffer, refusal: RememberedRefusal, now: Date): boolean {
      sweep(now.getTime());
      const key = keyOf(bucket);
      // Calls that were under way together are refused by the same count.
      const found = byBucket.get(key);
      if (found) {
        found.count += 1;
        return false;
      }
      const [oldest] = byBucket;
      if (oldest && byBucket.size >= most) forget(...oldest);
      byBucket.set(key, { ...refusal, count: 0 });
      nextEnd = Math.min(nextEnd, refusal.resetsAt.getTime());
      return true;
    },

    /** Takes the refusals that are over and not told yet. */
    takeEnded(now: Date): readonly EndedRefusal[] {
      sweep(now.getTime());
      const taken = ended;
      ended = [];
      return taken;
    },
  };
}

const keyOf = (bucket: Buffer): string => bucket.toString("base64");
