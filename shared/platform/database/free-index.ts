import { randomBytes } from "node:crypto";
import { ApiError } from "../errors/api-error.ts";

/** A column of whole numbers, kept unique by an index. */
export interface IndexedColumn {
  /** Those of the candidates that rows have. */
  readonly taken: (candidates: Candidates) => Promise<readonly number[]>;
  /**
   * Writes the row with this number. @returns the number that the row has: another one where an earlier run has written it;
   * undefined when another row has this number
   */
  readonly take: (index: number) => Promise<number | undefined>;
}

/** A stretch of such numbers, both ends included, and how many rows of it are read at a time. */
export interface IndexSlice {
  readonly first: number;
  readonly last: number;
  readonly limit: number;
}

/** All numbers that an `int` holds. */
export const allIndexes: IndexSlice = { first: 0, last: 2 ** 31 - 1, limit: 2 ** 31 - 1 };

/** Numbers to choose from, by the names that they have as parameters of a prepared query. */
export type Candidates = Readonly<Record<string, number>>;

/** The ranges that numbers are drawn from: below 2^16, 2^17, … and 2^31, which is what an `int` holds. */
const ranges = Array.from({ length: 16 }, (_, step) => 2 ** (16 + step));
const drawnInARange = 6;

/** The names of the candidates, in the order in which they are tried. */
export const candidateNames: readonly string[] = Array.from(
  { length: ranges.length * drawnInARange },
  (_, place) => `candidate${place}`,
);

function drawCandidates(): Record<string, number> {
  const bytes = randomBytes(4 * candidateNames.length);
  const candidates: Record<string, number> = {};
  for (const [place, name] of candidateNames.entries()) {
    const range = ranges[Math.floor(place / drawnInARange)] ?? 1;
    candidates[name] = bytes.readUInt32BE(4 * place) & (range - 1);
  }
  return candidates;
}

/** One draw is enough, unless rows are written as fast as this can read. */
const mostDraws = 8;

/**
 * Finds a number that no row has, by one read and one write whatever the number of rows. Numbers are drawn at random, so that
 * racing callers do not get in each other's way and a number tells nothing of its neighbours: a few from each range, of
 * which the first that is free is taken. So a range fills up to about nine tenths before many go into the next, which is
 * twice as large; and what becomes free in a small one is taken first.
 * @throws ApiError OVERLOADED where two thousand million rows have left none
 */
export async function claimIndex({ taken, take }: IndexedColumn): Promise<number> {
  for (let draws = 1; draws <= mostDraws; draws += 1) {
    const candidates = drawCandidates();
    const used = new Set(await taken(candidates));
    for (const name of candidateNames) {
      const index = candidates[name] ?? 0;
      const claimed = used.has(index) ? undefined : await take(index);
      if (claimed !== undefined) return claimed;
      used.add(index);
    }
  }
  throw new ApiError("OVERLOADED", { cause: new Error("no number was found that is free") });
}
