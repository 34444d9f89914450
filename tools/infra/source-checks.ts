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
 * Builds every file of a folder, which lints it too. Each line that the compiler prints counts.
 * @param target where the compiled templates are put
 * @returns the findings, with names relative to the folder
 */
export async function buildAndLint(compiler: Compiler, folder: string, target: string): Promise<string[]> {
  mkdirSync(target, { recursive: true });
  const { diagnostics } = await compiler.run(["build", "--pattern", "**/*.bicep", "--outdir", target], folder);
  return relative(diagnostics, folder);
}

/** Builds files of parameters, with no variable in the environment that they may read. @returns the findings */
export async function buildParameters(compiler: Compiler, folder: string, files: readonly string[]): Promise<string[]> {
  const outcomes = await Promise.all(files.map((file) => compiler.run(["build-params", file, "--stdout"], folder)));
  return relative(
    outcomes.flatMap(({ diagnostics }) => diagnostics),
    folder,
  );
}

const relative = (lines: readonly string[], folder: string) => [
  ...new Set(lines.map((line) => line.replaceAll(`${folder}${path.sep}`, ""))),
];

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
