import { readFile } from "node:fs/promises";
import path from "node:path";
import { appRoot } from "../platform/root.ts";

/** Reads a text of an installed package once. @param file below `node_modules` @returns always the same object */
export function packageFile(file: string): () => Promise<{ readonly text: string }> {
  let reading: Promise<{ readonly text: string }> | undefined;
  const read = async () => ({ text: await readFile(path.join(appRoot(), "node_modules", file), "utf8") });
  return () => (reading ??= read());
}
