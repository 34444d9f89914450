import { existsSync, watch } from "node:fs";
import path from "node:path";

const FOLDERS = ["functions", "shared", "sql", "pages", "client/src"];
const FILES = new Set(["host.json", "local.settings.json"]);

/** Waits for more changes: editors save a file in several steps, and a checkout changes many files. */
const QUIET_MS = 100;

/** Calls `changed` when something that the app is made of has changed and then been quiet for a moment. */
export function watchSources(root: string, changed: () => void): void {
  let quiet: NodeJS.Timeout | undefined;
  const notice = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(changed, QUIET_MS);
  };
  for (const folder of FOLDERS.map((name) => path.join(root, name))) {
    if (existsSync(folder)) watch(folder, { recursive: true }, notice);
  }
  watch(root, (_event, name) => {
    if (name && FILES.has(name)) notice();
  });
}
