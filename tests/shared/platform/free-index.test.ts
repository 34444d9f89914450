import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { candidateNames, claimIndex, type Candidates } from "../../../shared/platform/database/free-index.ts";

/** A column in memory, and how often it is read and written. */
function column(used: { has(index: number): boolean; add(index: number): unknown }) {
  const counts = { reads: 0, writes: 0 };
  return {
    counts,
    async taken(candidates: Candidates) {
      counts.reads += 1;
      return Object.values(candidates).filter((index) => used.has(index));
    },
    async take(index: number) {
      counts.writes += 1;
      if (used.has(index)) return undefined;
      used.add(index);
      return index;
    },
  };
}

describe("15.4 free indexes", () => {
  test("every number is given once, the first 40,000 of them below 2^17, each by one read and one write", async () => {
    const used = new Set<number>();
    const { counts, ...rest } = column(used);
    for (let count = 0; count < 40_000; count += 1) await claimIndex(rest);
    expect([used.size, counts.reads, counts.writes]).toEqual([40_000, 40_000, 40_000]);
    // Of a range that is not half full, one in 64 numbers or fewer comes from the next.
    expect([...used].filter((index) => index >= 65_536).length).toBeLessThan(400);
    expect([...used].filter((index) => index >= 131_072).length).toBeLessThan(20);
  });

  test("a range fills up before the next is used: the lists that are made of them stay few", async () => {
    // Nine tenths of the first range are taken.
    const used = new Set(Array.from({ length: 65_536 }, (_, index) => index).filter((index) => index % 10 !== 0));
    const given = await Promise.all(Array.from({ length: 500 }, () => claimIndex(column(used))));
    expect(given.filter((index) => index < 65_536).length).toBeGreaterThan(100);
    expect(Math.max(...given)).toBeLessThan(2 ** 19);
  });

  test("callers at once do not get in each other's way, and never get one number twice", async () => {
    const used = new Set<number>();
    const slow = column(used);
    const take = (index: number) => setImmediate().then(() => slow.take(index));
    const given = await Promise.all(Array.from({ length: 500 }, () => claimIndex({ ...slow, take })));
    expect(new Set(given).size).toBe(500);
  });

  test("what has become free in a small range is given out before a larger one is used", async () => {
    const many = { has: (index: number) => index >= 65_536 && index < 2 ** 30, add: () => undefined };
    for (let count = 0; count < 50; count += 1) expect(await claimIndex(column(many))).toBeLessThan(65_536);
  });

  test("a row that an earlier run has written keeps its number", async () => {
    expect(await claimIndex({ taken: async () => [], take: async () => 77 })).toBe(77);
  });

  test("running out is not reached: with 16 million, and with 1,000 million in use, the next is found at once", async () => {
    for (const inUse of [2 ** 24, 2 ** 30]) {
      const { counts, ...rest } = column({ has: (index) => index < inUse, add: () => undefined });
      const given = await claimIndex(rest);
      expect([given >= inUse, given < 2 ** 31, counts]).toEqual([true, true, { reads: 1, writes: 1 }]);
    }
  });

  test("where a number was taken between the read and the write, the next candidate is tried", async () => {
    const tried: number[] = [];
    const take = async (index: number) => (tried.push(index) < 3 ? undefined : index);
    expect(await claimIndex({ taken: async () => [], take })).toBe(tried[2]);
    expect(new Set(tried).size).toBe(3);
  });

  test("a search in a column without a free number ends", async () => {
    let writes = 0;
    const take = async () => void (writes += 1);
    await expect(claimIndex({ taken: async () => [], take })).rejects.toMatchObject({ code: "OVERLOADED" });
    expect(writes).toBeLessThanOrEqual(8 * candidateNames.length);
  });
});
