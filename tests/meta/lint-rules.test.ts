import { describe, expect, test } from "vitest";
import { lintProbes, type Probe } from "../support/lint-house.ts";
import { offences } from "../support/lint-offences.ts";

/** Two files that import only types of each other. */
const circle: Probe = {
  file: "shared/zz-probe/a.ts",
  text: 'import type { B } from "./b.ts";\nexport type A = B;',
  others: { "shared/zz-probe/b.ts": 'import type { A } from "./a.ts";\nexport type B = A;\n' },
};

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
