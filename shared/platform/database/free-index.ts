import { randomInt } from "node:crypto";

/** A column of small whole numbers, kept unique by an index. */
export interface IndexedColumn {
  /** The highest number in use; undefined when none is. */
  readonly highest: () => Promise<number | undefined>;
  /**
   * Writes the row with this number. @returns the number that the row has: another one where an earlier run has written it;
   * undefined when another row has this number
   */
  readonly take: (index: number) => Promise<number | undefined>;
}

/** Finds numbers that no row has. */
export interface FreeIndexes {
  claim(column: IndexedColumn): Promise<number>;
}

const leastRange = 1024;
const triesInARange = 20;

/** The numbers below this are given out while `highest` is the highest in use: a power of two. */
export function rangeAbove(highest: number | undefined): number {
  return Math.max(leastRange, 2 ** Math.ceil(Math.log2((highest ?? 0) + 1)));
}

/**
 * Numbers are tried at random, so that racing callers do not get in each other's way and a number tells nothing of its
 * neighbours. The range doubles when twenty in a row were taken, which is when it is more than half full.
 */
export function createFreeIndexes(): FreeIndexes {
  let range = 0;
  return {
    async claim({ highest, take }) {
      if (range === 0) range = rangeAbove(await highest());
      for (let tries = 1; ; tries += 1) {
        const taken = await take(randomInt(range));
        if (taken !== undefined) return taken;
        if (tries % triesInARange === 0) range *= 2;
      }
    },
  };
}
