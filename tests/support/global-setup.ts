// Runs once before the tests: makes what is generated and not committed.
import path from "node:path";
import { buildPages } from "../../tools/build-pages.ts";
import { writeChanged } from "../../tools/build.ts";

/** Builds the pages that the service shows, as they stand now. */
export async function setup(): Promise<void> {
  const { outputFiles } = await buildPages(process.cwd());
  await writeChanged(path.resolve("dist"), outputFiles);
}
