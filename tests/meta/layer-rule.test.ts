import { describe, expect, test } from "vitest";
import { lintProbes } from "../support/lint-house.ts";
import { lets, readers, readsEnvironment, refuses } from "./layer-probes.ts";

const found = lintProbes([
  ...lets.map(([, file, text]) => ({ file, text })),
  ...refuses.map(([, file, target]) => ({ file, text: `import "${target}";` })),
  ...readers.map((file) => ({ file, text: readsEnvironment })),
]);

describe("the layer rule, where folders have subfolders", () => {
  test.each(lets.map(([what], index) => ({ what, said: found[index] })))("lets $what", ({ said }) => {
    expect(said).toBe("");
  });

  test.each(refuses.map(([what, , , from, to], index) => ({ what, from, to, said: found[lets.length + index] })))(
    "does not let $what",
    ({ from, to, said }) => expect(said).toContain(`${from} may not import ${to}`),
  );

  test.each(readers.map((file, index) => ({ file, said: found[lets.length + refuses.length + index] })))(
    "keeps the environment from $file",
    ({ said }) => expect(said).toContain("process.env"),
  );
});
