import { newId } from "../../platform/crypto/random.ts";
import { noHash } from "./record.ts";

/** Where a chain ends: what its next record continues. */
export interface Head {
  readonly chain: string;
  /** How many records the chain has. */
  readonly seq: number;
  /** The hash of its last record. */
  readonly hash: Buffer;
  /** The instant of its last record; of a chain without any, that for which it was made. */
  readonly time: Date;
}

/** The chains that a process writes. Nothing here reads or waits: the process knows the end of each chain it may continue. */
export interface Chains {
  /** A chain of this instant's day (UTC) that nobody else writes until it is given back, and that has no later record. */
  take(now: Date): Head;
  /** A chain that was taken is free again: it ends here. */
  committed(head: Head): void;
  /** A chain that was taken is free again, unchanged. @param taken as `take` returned it */
  rolledBack(taken: Head): void;
  /** Whether the chain was changed is unknown: it is never written again. */
  lost(taken: Head): void;
}

/**
 * The chains of one process. There are as many as were ever taken at once, so nobody waits for another. A chain that is
 * not continued just ends: the next one costs a UUID.
 * @param mostFree how many are kept while nobody writes them; beyond that, the one that was written the longest ago ends
 */
export function createChains(mostFree = 64): Chains {
  /** By the instants of their last records, latest last. */
  const free: Head[] = [];
  const taken = new Set<string>();
  const release = ({ chain }: Head) => {
    // Two writers of one chain would make a fork of it, which looks like tampering.
    if (!taken.delete(chain)) throw new Error("a chain was given back that nobody holds");
  };
  const put = (head: Head) => {
    if (head.seq === 0) return;
    const place = free.findLastIndex(({ time }) => time <= head.time) + 1;
    free.splice(place, 0, head);
    if (free.length > mostFree) free.shift();
  };
  return {
    take(now) {
      // The latest that is not too late: those before it may serve a call that has begun earlier.
      const place = free.findLastIndex(({ time }) => time <= now);
      const [found] = place < 0 ? [] : dayOf(free[place]?.time) === dayOf(now) ? free.splice(place, 1) : [];
      const head = found ?? startChain(now);
      taken.add(head.chain);
      return head;
    },
    committed(head) {
      release(head);
      put(head);
    },
    rolledBack(head) {
      release(head);
      put(head);
    },
    lost: release,
  };
}

/** A chain without records. Whoever does not `take` it is its only writer anyway, and gives nothing back. */
export function startChain(now: Date): Head {
  return { chain: newId(now), seq: 0, hash: noHash, time: now };
}

/** The day (UTC) of an instant. */
const dayOf = (time: Date | undefined) => time?.toISOString().slice(0, 10);
