// npm run build: bundles the function files into one file below dist/, which the functions host and Azure load, and the
// pages that they show.
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { globSync } from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";
import { buildPages, type BuiltPages } from "./build-pages.ts";
import { writeStamp } from "./build-stamp.ts";

export interface BuildOptions {
  /** The folder of package.json. */
  readonly root: string;
}

export interface BuildResult {
  /** The number of function files. */
  readonly functions: number;
  /** How many files were written because they were new or had changed. */
  readonly written: number;
  /** The folders of the packages with code in the bundle. */
  readonly packages: readonly string[];
  readonly milliseconds: number;
}

/** The folders of the build's own files; anything else in them is stale. */
const OUTPUT_FOLDERS = ["dist/functions", "dist/chunks", "dist/pages"];

/** esbuild's name for the file that imports all function files. */
const ENTRY = "<functions>";

/** Native add-ons cannot be bundled; `@azure/functions-core` exists only inside a functions host. */
export const EXTERNAL = ["argon2", "@node-rs/argon2", "@azure/functions-core"];

/** CommonJS packages in the bundle call `require`, which an ES module does not have. */
export const REQUIRE_BANNER = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

/**
 * Bundles the files under functions/ into dist/functions/index.js, and what is loaded only on demand into dist/chunks/:
 * a worker starts faster with one file than with sixty (docs/decisions/0047-one-built-file.md). Writes only files that
 * changed, each in one step, and removes stale ones, so builds may run at the same time as each other and as a serving
 * host. Writes nothing if the build fails. @throws esbuild.BuildFailure
 */
export async function build({ root }: BuildOptions): Promise<BuildResult> {
  const start = performance.now();
  const beganAt = Date.now();
  const functions = globSync("functions/**/*.ts", { cwd: root }).toSorted();
  const { outputFiles, metafile } = await esbuild.build({
    metafile: true,
    absWorkingDir: root,
    ...(functions.length > 0 && { stdin: importing(functions, root) }),
    outdir: "dist",
    entryNames: "functions/index",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    sourcemap: "linked",
    banner: { js: REQUIRE_BANNER },
    external: EXTERNAL,
    write: false,
    logLevel: "silent",
  });
  const pages = await buildPages(root);
  const files = [...outputFiles, ...pages.outputFiles];
  const written = await writeChanged(path.join(root, "dist"), files);
  await removeStale(root, new Set(files.map((file) => file.path)));
  const { inputs, outputs } = metafile;
  await writeStamp(root, {
    inputs: [...Object.keys(inputs).filter((file) => file !== ENTRY), ...pages.inputs],
    outputs: files.map((file) => path.relative(root, file.path)),
    beganAt,
  });
  const milliseconds = Math.round(performance.now() - start);
  return { functions: functions.length, written, packages: bundledPackages(outputs), milliseconds };
}

/** A file that imports these, in order. */
function importing(files: readonly string[], root: string): esbuild.StdinOptions {
  const contents = files.map((file) => `import ${JSON.stringify(`./${file.split(path.sep).join("/")}`)};\n`).join("");
  return { contents, resolveDir: root, sourcefile: ENTRY };
}

function bundledPackages(outputs: esbuild.Metafile["outputs"]): string[] {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((file) => (inputs[file]?.bytesInOutput ?? 0) > 0),
  );
  const folders = used.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
}

type OutputFile = BuiltPages["outputFiles"][number];

/** Writes the files that differ from what is there. @returns how many */
export async function writeChanged(dist: string, files: readonly OutputFile[]): Promise<number> {
  const changed: OutputFile[] = [];
  for (const file of files) if (!(await isSame(file))) changed.push(file);
  if (changed.length === 0) return 0;
  await mkdir(dist, { recursive: true });
  const workshop = await mkdtemp(path.join(dist, ".build-"));
  try {
    // Chunks first: an entry must never be newer than what it imports.
    for (const [index, file] of changed.toSorted(byChunkFirst).entries()) {
      const draft = path.join(workshop, String(index));
      await writeFile(draft, file.contents);
      await mkdir(path.dirname(file.path), { recursive: true });
      await rename(draft, file.path);
    }
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return changed.length;
}

async function isSame({ path: file, contents }: OutputFile): Promise<boolean> {
  const existing = await readFile(file).catch(() => undefined);
  return existing !== undefined && existing.equals(contents);
}

function byChunkFirst(one: OutputFile, other: OutputFile): number {
  const isChunk = (file: OutputFile) => Number(file.path.includes(`${path.sep}chunks${path.sep}`));
  return isChunk(other) - isChunk(one);
}

async function removeStale(root: string, current: ReadonlySet<string>): Promise<void> {
  const existing = globSync(
    OUTPUT_FOLDERS.map((folder) => `${folder}/**/*.{js,map,html}`),
    { cwd: root },
  );
  const stale = existing.map((file) => path.join(root, file)).filter((file) => !current.has(file));
  await Promise.all(stale.map((file) => rm(file, { force: true })));
}

/** The first error of a failed build, as one line. */
export function describeBuildFailure(error: unknown): string {
  if (!isBuildFailure(error)) return error instanceof Error ? error.message : String(error);
  const [first, ...more] = error.errors;
  const { file, line, column } = first?.location ?? {};
  const place = file ? `${file}:${line}:${column}: ` : "";
  return `${place}${first?.text}${more.length > 0 ? ` (and ${more.length} more)` : ""}`;
}

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return error instanceof Error && "errors" in error;
}

if (import.meta.main) {
  try {
    const { functions, written, milliseconds } = await build({ root: process.cwd() });
    console.log(`built ${functions} functions in ${milliseconds} ms (${written} files written)`);
  } catch (error) {
    const color = process.stderr.isTTY;
    const messages = isBuildFailure(error) ? await esbuild.formatMessages(error.errors, { kind: "error", color }) : [];
    console.error(messages.length > 0 ? messages.join("\n") : describeBuildFailure(error));
    process.exitCode = 1;
  }
}
