import { existsSync, globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { oneLine } from "./failure.ts";

/**
 * Imports the function files that `main` in the app's package.json names, a path or a glob, as Azure's worker does.
 * @throws Error naming the function file that cannot be loaded: one such file keeps the whole app from starting
 */
export async function loadFunctions(root: string): Promise<void> {
  const { main }: { main?: string } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const files = main ? globSync(main, { cwd: root }).toSorted() : [];
  if (files.length === 0) throw new Error(`No file matches "main" of package.json, ${main}.`);
  for (const file of files) {
    try {
      await import(pathToFileURL(path.join(root, file)).href);
    } catch (cause) {
      const source = sourceOf(path.join(root, file), cause);
      const name = source === undefined ? file : path.relative(root, source);
      throw new Error(`The function file ${name} cannot be loaded: ${oneLine(cause)}`, { cause });
    }
  }
}

/** The function file whose code threw, inside a built file; undefined without a source map. */
function sourceOf(built: string, thrown: unknown): string | undefined {
  const [map, url] = [`${built}.map`, pathToFileURL(built).href];
  if (!(thrown instanceof Error) || !existsSync(map)) return undefined;
  const sources = new SourceMap(JSON.parse(readFileSync(map, "utf8")) as SourceMapPayload);
  const frames = String(thrown.stack).split(`${url}:`).slice(1);
  const threw = frames.map((frame) => {
    const [line = 1, column = 1] = frame.split(":", 2).map((number) => Number.parseInt(number, 10));
    const entry = sources.findEntry(line - 1, column - 1);
    return "originalSource" in entry ? path.join(path.dirname(built), entry.originalSource) : "";
  });
  return threw.find((file) => file.split(path.sep).includes("functions"));
}
