import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "./folder.ts";

/** A file that the linter judges. In its path, `zz-probe` stands for a name that nothing else has. */
export interface Probe {
  readonly file: string;
  readonly text: string;
  /** Other files that are there meanwhile: their texts by their paths. */
  readonly others?: Readonly<Record<string, string>>;
}

/**
 * Lints in folders of their own with our rules in them, so that no other test meets an offending file. Probes that can share
 * a folder do: starting the linter costs most.
 * @returns for each probe what the linter says of it, a `rule: message` a line; empty when it finds nothing
 */
export function lintProbes(probes: readonly Probe[]): string[] {
  const named = probes.map(({ file, text, others = {} }, index) => {
    const own = (name: string) => name.replace("zz-probe", `zz-probe-${index}`);
    const files = Object.entries({ ...others, [file]: text }).map(([name, content]) => [own(name), content] as const);
    return { file: own(file), files };
  });
  const houses: Map<string, string>[] = [];
  const said = new Map<(typeof named)[number], Map<string, string>>();
  for (const probe of named) {
    let house = houses.find((one) => !probe.files.some(([name]) => one.has(name)));
    if (!house) houses.push((house = new Map()));
    for (const [name, content] of probe.files) house.set(name, `${content}\n`);
    said.set(probe, house);
  }
  const findings = new Map(houses.map((house) => [house, lint(house)]));
  return named.map((probe) => {
    const house = said.get(probe) ?? new Map<string, string>();
    return (findings.get(house) ?? [])
      .filter(({ file }) => file === probe.file)
      .map(({ line }) => line)
      .join("\n");
  });
}

/** What the linter says of these files, given by their paths. */
function lint(files: ReadonlyMap<string, string>): { file: string; line: string }[] {
  const house = temporaryFolder();
  for (const file of [".oxlintrc.json", "tsconfig.json", "tools/lint/layers.js", "tools/lint/linear-regex.js"]) {
    mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
    copyFileSync(file, path.join(house, file));
  }
  symlinkSync(path.resolve("node_modules"), path.join(house, "node_modules"), "dir");
  for (const [name, content] of files) {
    mkdirSync(path.dirname(path.join(house, name)), { recursive: true });
    writeFileSync(path.join(house, name), content);
  }
  const { stdout } = spawnSync("oxlint", ["--format", "json", ...files.keys()], { cwd: house, encoding: "utf8" });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string; message: string }[] };
  return diagnostics.map(({ filename, code, message }) => ({ file: filename, line: `${code}: ${message}` }));
}
