import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { oneLine } from "./failure.ts";

/**
 * Imports the function files that `main` of the app's package.json names, a path or a glob, as Azure's worker does.
 * @throws Error that names the file which cannot be loaded: one such file keeps the whole app from starting
 */
export async function loadFunctions(root: string): Promise<void> {
  const { main }: { main?: string } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const files = main ? globSync(main, { cwd: root }).toSorted() : [];
  if (files.length === 0) throw new Error(`No file matches "main" of package.json, ${main}.`);
  for (const file of files) {
    try {
      await import(pathToFileURL(path.join(root, file)).href);
    } catch (cause) {
      throw new Error(`The function file ${file} cannot be loaded: ${oneLine(cause)}`, { cause });
    }
  }
}
