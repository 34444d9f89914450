import { readFile } from "node:fs/promises";
import path from "node:path";
import { appRoot } from "../platform/root.ts";

/**
 * Reads a text file that comes with the app, from an installed package or the build, once.
 * @param file path below the app's root
 * @param amend changes the text once
 * @returns a function that always returns the same object
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
      // The next call tries again: a failure must not last as long as the process.
      reading = undefined;
      throw error;
    }
  };
  return () => (reading ??= read());
}
