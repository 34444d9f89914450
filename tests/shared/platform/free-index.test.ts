import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { claimIndex, type Draws } from "../../../shared/platform/database/free-index.ts";

/** The first of the candidates that is free: six in each of 16 ranges, the smallest range first. */
function firstFree(draws: Draws, isTaken: (index: number) => boolean): number | undefined {
  const numbers = Object.values(draws);
  for (let bits = 16; bits <= 31; bits += 1)
    for (const number of numbers) {
      const candidate = number & (2 ** bits - 1);
      if (!isTaken(candidate)) return candidate;
    }
  return undefined;
}

/** A column in memory, and how often it is written. */
function column(used: { has(index: number): boolean; add(index: number): unknown }) {
  const counts = { writes: 0 };
  return {
    counts,
    async take(draws: Draws) {
      counts.writes += 1;
      const index = firstFree(draws, (candidate) => used.has(candidate));
      if (index !== undefined) used.add(index);
      return index;
    },
  };
}

describe("15.4 free indexes", () => {
  test("every number is given once, the first 40,000 of them below 2^17, each by one write", async () => {
    const used = new Set<number>();
    const { counts, take } = column(used);
    for (let count = 0; count < 40_000; count += 1) await claimIndex(take);
    expect([used.size, counts.writes]).toEqual([40_000, 40_000]);
    // Of a range that is not half full, one in 64 numbers or fewer comes from the next.
    expect([...used].filter((index) => index >= 65_536).length).toBeLessThan(400);
    expect([...used].filter((index) => index >= 131_072).length).toBeLessThan(20);
  });

  test("from the first to the millionth each takes one write, and nine tenths are in the first 16 lists", async () => {
    const bits = new Uint8Array(2 ** 28);
    const used = {
      has: (index: number) => ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0,
      add: (index: number) => (bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))),
    };
    const { counts, take } = column(used);
    let [inFirst, highest] = [0, 0];
    for (let count = 0; count < 1_000_000; count += 1) {
      const index = await claimIndex(take);
      if (index < 2 ** 20) inFirst += 1;
      highest = Math.max(highest, index);
    }
    expect(counts.writes).toBe(1_000_000);
    expect(inFirst).toBeGreaterThan(900_000);
    expect(highest, "64 lists").toBeLessThan(2 ** 22);
  });

  test("a range fills up before the next is used: the lists that are made of them stay few", async () => {
    // Nine tenths of the first range are taken.
    const used = new Set(Array.from({ length: 65_536 }, (_, index) => index).filter((index) => index % 10 !== 0));
    const given = await Promise.all(Array.from({ length: 500 }, () => claimIndex(column(used).take)));
    expect(given.filter((index) => index < 65_536).length).toBeGreaterThan(100);
    expect(Math.max(...given)).toBeLessThan(2 ** 19);
  });

  test("callers at once do not get in each other's way, and never get one number twice", async () => {
    const used = new Set<number>();
    const slow = column(used);
    const given = await Promise.all(
      Array.from({ length: 500 }, () => claimIndex((draws) => setImmediate().then(() => slow.take(draws)))),
    );
    expect(new Set(given).size).toBe(500);
  });

  test("what has become free in a small range is given out before a larger one is used", async () => {
    const many = { has: (index: number) => index >= 65_536 && index < 2 ** 30, add: () => undefined };
    for (let count = 0; count < 50; count += 1) expect(await claimIndex(column(many).take)).toBeLessThan(65_536);
  });

  test("a row that an earlier run has written keeps its number", async () => {
    expect(await claimIndex(async () => 77)).toBe(77);
  });

  test("running out is not reached: with 16 million, and with 1,000 million in use, the next is found at once", async () => {
    for (const inUse of [2 ** 24, 2 ** 30]) {
      const { counts, take } = column({ has: (index) => index < inUse, add: () => undefined });
      const given = await claimIndex(take);
      expect([given >= inUse, given < 2 ** 31, counts]).toEqual([true, true, { writes: 1 }]);
    }
  });

  test("where a number was taken in that instant, other candidates are tried", async () => {
    const tried: Draws[] = [];
    expect(await claimIndex(async (draws) => (tried.push(draws) < 3 ? undefined : draws.draw0))).toBe(tried[2]?.draw0);
    expect(new Set(tried.flatMap((draws) => Object.values(draws))).size).toBe(18);
  });

  test("a search in a column without a free number ends", async () => {
    let writes = 0;
    const take = async () => void (writes += 1);
    await expect(claimIndex(take)).rejects.toMatchObject({ code: "OVERLOADED" });
    expect(writes).toBeLessThanOrEqual(8);
  });
});
