import { randomInt } from "node:crypto";
import { ApiError } from "../errors.ts";

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

const leastRange = 1024;
const triesInARange = 20;
/** In a range that is twice as wide as what is in use, so many fail by no bad luck. */
const mostTries = 10 * triesInARange;
/** A list of more would be of no use to anybody: it would be of 16 million rows of a kind. */
const largestRange = 2 ** 24;

/** The numbers below this are given out while `highest` is the highest in use: a power of two. */
export function rangeAbove(highest: number | undefined): number {
  return Math.max(leastRange, 2 ** Math.ceil(Math.log2((highest ?? 0) + 1)));
}

/**
 * Finds a number that no row has. Numbers are tried at random, so that racing callers do not get in each other's way and a
 * number tells nothing of its neighbours. When twenty in a row were taken the range is more than half full, and twice as many
 * are tried; it follows from what is in use, so that callers who come to this at once do not add up.
 * @throws ApiError OVERLOADED when 16 million are in use
 */
export async function claimIndex({ highest, take }: IndexedColumn): Promise<number> {
  let range = rangeAbove(await highest());
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const taken = await take(randomInt(Math.min(range, largestRange)));
    if (taken !== undefined) return taken;
    if (tries % triesInARange === 0) range = 2 * rangeAbove(await highest());
  }
  throw new ApiError("OVERLOADED", { cause: new Error("no number is left below 16,777,216") });
}
