import { zipSync, type Zippable } from "fflate";
import type { PackageFiles } from "./contents.ts";

const UNIX = 3;
const READABLE_FILE = 0o100_644;

/**
 * Makes a zip that depends only on the files: sorted names, one date, one mode, and a compressor written in JavaScript,
 * which gives the same bytes with every version of Node.
 */
export function zip(files: PackageFiles): Uint8Array {
  // A zip stores local time, so this is the same in every time zone: the earliest day it can store.
  const options = { mtime: new Date(1980, 0, 1), os: UNIX, attrs: READABLE_FILE * 2 ** 16, level: 9 } as const;
  const entries = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return zipSync(Object.fromEntries(entries.map(([name, content]) => [name, [content, options]])) as Zippable);
}
