// Runs once before the tests: makes what is generated and not committed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildPages } from "../../tools/build-pages.ts";
import { writeChanged } from "../../tools/build.ts";
import { openShared } from "./shared-in-run.ts";

/** Builds the pages that the service shows, as they stand now. @returns what removes the rest that the run has made */
export async function setup(): Promise<() => void> {
  // The processes that tests start load the same modules: the first of them compiles for all. setup.ts passes it on to
  // them: a worker that kept its code there would take half a second at its end to write what nobody reads.
  const compiled = mkdtempSync(path.join(tmpdir(), "latchkey-compiled-"));
  process.env["LATCHKEY_COMPILED"] = compiled;
  // The compilers that tests start live for seconds: to count what is called often, for a later optimisation, costs a sixth.
  process.env["DOTNET_TieredPGO"] ??= "0";
  const closeShared = openShared();
  const { outputFiles } = await buildPages(process.cwd());
  await writeChanged(path.resolve("dist"), outputFiles);
  return () => {
    rmSync(compiled, { recursive: true, force: true, maxRetries: 3 });
    closeShared();
  };
}
