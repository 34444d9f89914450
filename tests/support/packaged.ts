import { globSync } from "node:fs";
import path from "node:path";
import { makePackage, type PackageResult } from "../../tools/package.ts";
import { temporaryFolder } from "./folder.ts";

/** What `npm run package` makes of this checkout, in a folder of its own. */
export interface Packaged extends PackageResult {
  readonly folder: string;
  readonly zip: string;
}

/** Makes the package; it is removed after the tests of the file. */
export async function packaged(): Promise<Packaged> {
  const out = temporaryFolder();
  const result = await makePackage({ root: process.cwd(), out });
  return { ...result, folder: path.join(out, "package"), zip: path.join(out, "latchkey.zip") };
}

/** The files below a folder, by their paths in it with slashes, in order. */
export function filesBelow(folder: string): string[] {
  return globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .toSorted();
}
