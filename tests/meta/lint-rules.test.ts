import { describe, expect, test } from "vitest";
import { lintProbes } from "../support/lint-house.ts";
import { circle, offences } from "./offences.ts";

const [ofCircle, ...said] = lintProbes([circle, ...offences.map(([, file, text]) => ({ file, text }))]);

describe("the lint rules of the house can fail", () => {
  test.each(offences.map(([what, , , complaint], index) => ({ what, complaint, found: said[index] })))(
    "$what",
    ({ complaint, found }) => expect(found).toContain(complaint),
  );

  test("two files that import only types of each other", () => {
    expect(ofCircle).toContain("Dependency cycle detected");
  });
});
