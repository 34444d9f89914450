import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { whenDone } from "./when-done.ts";

/** A folder that is removed after the test, or after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-test-"));
  whenDone(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
