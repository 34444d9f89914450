import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The line of a file's first test, from 1. */
function lineOfFirstTest(file: string): number {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.findIndex((line) => /^\s*(?:test|describeReplay)\b/.test(line)) + 1 || Infinity;
}

test("a test file shows its first test within 40 lines: scenery lies in tests/support", () => {
  const files = globSync("tests/**/*.test.ts");
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => lineOfFirstTest(file) > 40)).toEqual([]);
});
