import { existsSync, globSync } from "node:fs";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";

/** The inputs and outputs of a build; stored next to the output. */
interface Stamp {
  /** Each source and its modification time, in milliseconds. The lockfile stands for all packages. */
  readonly sources: Readonly<Record<string, number>>;
  readonly outputs: readonly string[];
}

const STAMP = "dist/build.json";

/** What every build depends on besides the files that it bundles. */
const ALWAYS = ["package-lock.json", "tools/build.ts"];

/** A finished build: its files, by their paths from the root. */
export interface FinishedBuild {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** When it began, in milliseconds: a source that changed after that may not be in it. */
  readonly beganAt: number;
}

/** Records a build, unless a source changed while it was running. */
export async function writeStamp(root: string, { inputs, outputs, beganAt }: FinishedBuild): Promise<void> {
  const own = [...inputs.filter((file) => !file.includes("node_modules/")), ...ALWAYS];
  const sources = Object.fromEntries(await Promise.all(own.map(async (file) => [file, await changedAt(root, file)])));
  if (outputs.length === 0 || Object.values(sources).some((at) => Number(at) >= beganAt)) return;
  const draft = path.join(root, `${STAMP}.${process.pid}`);
  await writeFile(draft, JSON.stringify({ sources, outputs } satisfies Stamp));
  await rename(draft, path.join(root, STAMP));
}

/** Whether the output matches the current sources: none changed, added or removed, and all output is there. */
export async function isBuilt(root: string): Promise<boolean> {
  const stamp = await readStamp(root);
  if (!stamp) return false;
  const isKnown = globSync("functions/**/*.ts", { cwd: root }).every((file) => file in stamp.sources);
  if (!isKnown || !stamp.outputs.every((file) => existsSync(path.join(root, file)))) return false;
  const checks = Object.entries(stamp.sources).map(async ([file, at]) => (await changedAt(root, file)) === at);
  return (await Promise.all(checks)).every(Boolean);
}

async function readStamp(root: string): Promise<Stamp | undefined> {
  try {
    return JSON.parse(await readFile(path.join(root, STAMP), "utf8")) as Stamp;
  } catch {
    return undefined;
  }
}

/** Zero for a missing file. */
async function changedAt(root: string, file: string): Promise<number> {
  return (await stat(path.join(root, file)).catch(() => undefined))?.mtimeMs ?? 0;
}
