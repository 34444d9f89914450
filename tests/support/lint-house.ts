import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "./folder.ts";

/**
 * A house of its own with our lint rules in it, so that no other test meets an offending file.
 * @returns what the linter says of a file with this text
 */
export function createLintHouse(): (file: string, text: string) => { readonly status: number | null; stdout: string } {
  const house = temporaryFolder();
  for (const file of [".oxlintrc.json", "tsconfig.json", "tools/lint/layers.js", "tools/lint/linear-regex.js"]) {
    mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
    copyFileSync(file, path.join(house, file));
  }
  symlinkSync(path.resolve("node_modules"), path.join(house, "node_modules"), "dir");
  return (file, text) => {
    mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
    writeFileSync(path.join(house, file), `${text}\n`);
    const { status, stdout } = spawnSync("oxlint", [file], { cwd: house, encoding: "utf8" });
    rmSync(path.join(house, file));
    return { status, stdout };
  };
}
