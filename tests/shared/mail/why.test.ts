import { expect, test } from "vitest";
import { tellWhy } from "../../../shared/mail/why.ts";

test("what a server said fits its column, which counts UTF-16 code units, and no character is cut in two", () => {
  const smileys = "😀 ".repeat(500);
  for (const before of ["", "a", "ab"]) {
    const why = tellWhy(before + smileys);
    expect([why.length <= 400, why.length >= 396, why.isWellFormed(), why.endsWith("…")]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  }
  expect(tellWhy("x ".repeat(200))).toBe("x ".repeat(200).trim());
});
