import { existsSync } from "node:fs";
import path from "node:path";

/**
 * The root of the function app, where `host.json` and `sql/` are. Sources and built chunks are at different depths
 * below it.
 */
export function appRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, "host.json"))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error("host.json was not found above the code");
    folder = parent;
  }
  return folder;
}
