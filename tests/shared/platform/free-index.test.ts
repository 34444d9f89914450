import { describe, expect, test } from "vitest";
import { createFreeIndexes, rangeAbove } from "../../../shared/platform/database/free-index.ts";

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
    const indexes = createFreeIndexes();
    for (let count = 0; count < 5000; count += 1) await indexes.claim(column(used));
    expect(used.size).toBe(5000);
    expect(Math.max(...used)).toBeLessThan(32_768);
  });

  test("an instance that starts later goes on in the range that is in use", async () => {
    const used = new Set([70_000]);
    await createFreeIndexes().claim(column(used));
    expect(used.size).toBe(2);
    expect(Math.max(...used)).toBeLessThan(131_072);
  });

  test("with the range full, one that is free is found all the same", async () => {
    const used = new Set(Array.from({ length: 1024 }, (_, index) => index));
    const claimed = await createFreeIndexes().claim(column(used));
    expect(claimed).toBeGreaterThanOrEqual(1024);
  });

  test("a row that an earlier run has written keeps its number", async () => {
    expect(await createFreeIndexes().claim({ highest: async () => 3, take: async () => 77 })).toBe(77);
  });
});
