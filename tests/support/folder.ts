import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { whenDone } from "./when-done.ts";

/** A folder that is removed after the test, or after the tests of the file. */
export function temporaryFolder(): string {
  return folderIn(tmpdir());
}

/** The same for a database: in memory where there is enough, since a test would wait for the disk at every commit. */
export function databaseFolder(): string {
  return folderIn((databases ??= isRoomy(memory) ? memory : tmpdir()));
}

/** Linux keeps in memory what is in this folder. */
const memory = "/dev/shm";
let databases: string | undefined;

function isRoomy(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= 2 ** 30;
  } catch {
    return false;
  }
}

function folderIn(parent: string): string {
  const folder = mkdtempSync(path.join(parent, "latchkey-test-"));
  whenDone(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
