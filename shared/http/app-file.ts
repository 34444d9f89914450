import { readFile } from "node:fs/promises";
import path from "node:path";
import { appRoot } from "../platform/root.ts";

/**
 * Reads a text that comes with the app once: of an installed package, or of the build.
 * @param file below the app's root
 * @param amend changes what must not stay as it is
 * @returns a function that gives always the same object
 */
export function appFile(
  file: string,
  amend: (text: string) => string = (text) => text,
): () => Promise<{ readonly text: string }> {
  let reading: Promise<{ readonly text: string }> | undefined;
  const read = async () => {
    try {
      return { text: amend(await readFile(path.join(appRoot(), file), "utf8")) };
    } catch (error) {
      // The next call tries again: a failure must not stay for as long as the process lives.
      reading = undefined;
      throw error;
    }
  };
  return () => (reading ??= read());
}
