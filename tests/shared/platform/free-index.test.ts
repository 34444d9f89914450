import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { claimIndex, rangeAbove } from "../../../shared/platform/database/free-index.ts";

/** A column in memory. */
function column(used: Set<number>) {
  return {
    highest: async () => (used.size === 0 ? undefined : Math.max(...used)),
    take: async (index: number) => {
      if (used.has(index)) return undefined;
      used.add(index);
      return index;
    },
  };
}

describe("free indexes", () => {
  test.each([
    [undefined, 1024],
    [0, 1024],
    [1023, 1024],
    [1024, 2048],
    [5000, 8192],
  ])("above %s, numbers are given out below %i", (highest, range) => {
    expect(rangeAbove(highest)).toBe(range);
  });

  test("every number is given once, and the range stays in proportion", async () => {
    const used = new Set<number>();
    for (let count = 0; count < 5000; count += 1) await claimIndex(column(used));
    expect(used.size).toBe(5000);
    expect(Math.max(...used)).toBeLessThan(16_384);
  });

  test("callers who find the range full at once do not widen it for one another", async () => {
    const used = new Set(Array.from({ length: 1024 }, (_, index) => index));
    const slow = column(used);
    const take = (index: number) => setImmediate().then(() => slow.take(index));
    await Promise.all(Array.from({ length: 500 }, () => claimIndex({ ...slow, take })));
    expect(used.size).toBe(1524);
    expect(Math.max(...used)).toBeLessThan(4096);
  });

  test("when what was in use is gone, the range is small again", async () => {
    expect(await claimIndex(column(new Set([70_000])))).toBeLessThan(131_072);
    expect(await claimIndex(column(new Set()))).toBeLessThan(1024);
  });

  test("a row that an earlier run has written keeps its number", async () => {
    expect(await claimIndex({ highest: async () => 3, take: async () => 77 })).toBe(77);
  });

  test("beyond 16 million no number is given, and the search ends", async () => {
    let most = 0;
    const take = async (index: number) => void (most = Math.max(most, index));
    await expect(claimIndex({ highest: async () => 2 ** 24 - 1, take })).rejects.toMatchObject({ code: "OVERLOADED" });
    expect(most).toBeLessThan(2 ** 24);
  });
});
