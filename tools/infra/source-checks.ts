import { globSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Compiler } from "./compiler.ts";
import { localModules, suppressionsWithReason } from "./rules/source.ts";

/** The files of a folder in Bicep, modules and parameters alike. */
export function bicepFiles(folder: string): string[] {
  return globSync("**/*.{bicep,bicepparam}", { cwd: folder })
    .map((file) => file.replaceAll("\\", "/"))
    .toSorted();
}

/**
 * Builds and lints every file of a folder, and builds every file of parameters. Each line that the compiler prints counts.
 * @param target where the compiled templates are put
 * @returns the findings, with names relative to the folder
 */
export async function buildAndLint(compiler: Compiler, folder: string, target: string): Promise<string[]> {
  mkdirSync(target, { recursive: true });
  const outcomes = await Promise.all([
    compiler.run(["build", "--pattern", "**/*.bicep", "--outdir", target], folder),
    compiler.run(["lint", "--pattern", "**/*.bicep"], folder),
    compiler.run(["build-params", "--pattern", "*.bicepparam", "--outdir", target], folder),
  ]);
  const lines = outcomes.flatMap(({ diagnostics }) => diagnostics);
  return [...new Set(lines.map((line) => line.replaceAll(`${folder}${path.sep}`, "")))];
}

/** Formats a copy of the files, and names those that it changes. */
export async function formatted(compiler: Compiler, folder: string): Promise<string[]> {
  const before = bicepFiles(folder).map((name) => ({ name, text: readFileSync(path.join(folder, name), "utf8") }));
  const patterns = ["**/*.bicep", "*.bicepparam"];
  const outcomes = await Promise.all(patterns.map((pattern) => compiler.run(["format", "--pattern", pattern], folder)));
  const changed = before.filter(({ name, text }) => readFileSync(path.join(folder, name), "utf8") !== text);
  return [
    ...outcomes.flatMap(({ diagnostics }) => diagnostics),
    ...changed.map(({ name }) => `${name}: is not formatted (bicep format ${name})`),
  ];
}

/** Our own rules on the text of the files. */
export function sourceRules(folder: string): string[] {
  const sources = bicepFiles(folder).map((name) => ({ name, text: readFileSync(path.join(folder, name), "utf8") }));
  return [suppressionsWithReason, localModules].flatMap((rule) => sources.flatMap(rule));
}
