import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "./folder.ts";

export type Lint = (
  file: string,
  text: string,
  /** Other files that are there meanwhile, by their paths. */
  others?: Readonly<Record<string, string>>,
) => { readonly status: number | null; readonly stdout: string };

/**
 * A house of its own with our lint rules in it, so that no other test meets an offending file.
 * @returns what the linter says of a file with this text
 */
export function createLintHouse(): Lint {
  const house = temporaryFolder();
  for (const file of [".oxlintrc.json", "tsconfig.json", "tools/lint/layers.js", "tools/lint/linear-regex.js"]) {
    mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
    copyFileSync(file, path.join(house, file));
  }
  symlinkSync(path.resolve("node_modules"), path.join(house, "node_modules"), "dir");
  return (file, text, others = {}) => {
    const files = Object.entries({ ...others, [file]: `${text}\n` });
    for (const [name, content] of files) {
      mkdirSync(path.dirname(path.join(house, name)), { recursive: true });
      writeFileSync(path.join(house, name), content);
    }
    const { status, stdout } = spawnSync("oxlint", [file], { cwd: house, encoding: "utf8" });
    for (const [name] of files) rmSync(path.join(house, name));
    return { status, stdout };
  };
}
