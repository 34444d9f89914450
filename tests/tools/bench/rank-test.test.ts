import { expect, test } from "vitest";
import { rankTest } from "../../../tools/bench/rank-test.ts";

const numbers = (count: number, of: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => of(index));

test("the rank test finds nothing between samples that alternate, and nothing between equal ones", () => {
  expect(
    Math.abs(
      rankTest(
        numbers(500, (index) => 2 * index),
        numbers(500, (index) => 2 * index + 1),
      ),
    ),
  ).toBeLessThan(0.2);
  expect(
    rankTest(
      numbers(100, () => 7),
      numbers(100, () => 7),
    ),
  ).toBeCloseTo(0);
});

test("it finds a shift that the spread nearly hides, and says which sample is larger", () => {
  const sample = (shift: number) => numbers(500, (index) => shift + ((index * 7919) % 500) / 100);
  expect(rankTest(sample(0.5), sample(0))).toBeGreaterThan(2.58);
  expect(rankTest(sample(0), sample(0.5))).toBeLessThan(-2.58);
});

test("its figure for a small example is the textbook's: all of one below all of the other", () => {
  // U = 0 of 9: (0 - 4.5) / sqrt(3 * 3 * 7 / 12)
  expect(rankTest([1, 2, 3], [4, 5, 6])).toBeCloseTo(-4.5 / Math.sqrt(5.25));
});
