import { cpSync, globSync } from "node:fs";
import path from "node:path";
import { makePackage, type PackageResult } from "../../tools/package.ts";
import { temporaryFolder } from "./folder.ts";
import { sharedInRun } from "./shared-in-run.ts";

/** What `npm run package` makes of this checkout, in a folder of its own. */
export interface Packaged extends PackageResult {
  readonly folder: string;
  readonly zip: string;
}

/** Makes the package once in a run. Each caller has a copy, which is removed after the tests of the file. */
export async function packaged(): Promise<Packaged> {
  const made = await sharedInRun("packaged", (out) => makePackage({ root: process.cwd(), out }));
  const own = temporaryFolder();
  cpSync(made.folder, own, { recursive: true });
  return { ...made.result, folder: path.join(own, "package"), zip: path.join(own, "latchkey.zip") };
}

/** The files below a folder, by their paths in it with slashes, in order. */
export function filesBelow(folder: string): string[] {
  return globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .toSorted();
}
