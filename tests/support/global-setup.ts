// Runs once before the tests: makes what is generated and not committed.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildPages } from "../../tools/build-pages.ts";
import { writeChanged } from "../../tools/build.ts";
import { openShared } from "./shared-in-run.ts";

/** Builds the pages that the service shows, as they stand now. @returns what removes the rest that the run has made */
export async function setup(): Promise<() => void> {
  process.env["NODE_COMPILE_CACHE"] = keptCode();
  // The processes that tests start load the same modules, some from copies of this folder: the first of them compiles for
  // all of this run. setup.ts passes it on to them.
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

/** Where workers keep the code that they have compiled, for those of later runs. @returns the folder */
function keptCode(): string {
  const folder = path.resolve("node_modules/.cache/latchkey/compiled");
  // Each run adds the test files, by names of its own.
  const count = existsSync(folder) ? readdirSync(folder, { recursive: true }).length : 0;
  if (count > mostKept) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return folder;
}

/** Modules of the service, its packages and the tools, and the test files of a few runs. */
const mostKept = 8000;
