import { globSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Compiler } from "./compiler.ts";
import { localModules, suppressionsWithReason } from "./rules/source.ts";

/** The Bicep files of a folder, including modules and parameters. */
export function bicepFiles(folder: string): string[] {
  return globSync("**/*.{bicep,bicepparam}", { cwd: folder })
    .map((file) => file.replaceAll("\\", "/"))
    .toSorted();
}

/**
 * Builds, and thereby lints, every file of a folder. Every line that the compiler prints is a finding.
 * @param target where to put the compiled templates
 * @returns the findings, with names relative to the folder
 */
export async function buildAndLint(compiler: Compiler, folder: string, target: string): Promise<string[]> {
  mkdirSync(target, { recursive: true });
  const { diagnostics } = await compiler.run(["build", "--pattern", "**/*.bicep", "--outdir", target], folder);
  return relative(diagnostics, folder);
}

/** Builds parameters files without any environment variables that they may read. @returns the findings */
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

/** Formats a copy of the files and names those that change. */
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

/** The findings of our own rules for the source text. */
export function sourceRules(folder: string): string[] {
  const sources = bicepFiles(folder).map((name) => ({ name, text: readFileSync(path.join(folder, name), "utf8") }));
  return [suppressionsWithReason, localModules].flatMap((rule) => sources.flatMap(rule));
}
