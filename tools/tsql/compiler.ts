import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

const here = import.meta.dirname;
const sources = ["check.csproj", "packages.lock.json", "Program.cs"];
const cache = path.resolve(here, "../../node_modules/.cache/latchkey");

/** The SDK neither reports home, nor leaves servers behind. */
const quiet = { DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1", DOTNET_CLI_USE_MSBUILD_SERVER: "0" };
const alone = ["-nodeReuse:false", "-p:UseSharedCompilation=false"];

/** Whether a .NET SDK is there that can build the compiler. */
export function hasDotnet(): boolean {
  const { status, stdout } = spawnSync("dotnet", ["--version"], { encoding: "utf8", cwd: here });
  return status === 0 && Number.parseInt(stdout, 10) >= 10;
}

/**
 * The built compiler, for `dotnet FILE`. Built at the first use into a folder that its sources name, in one step, so that
 * builds may run side by side. @throws Error with the output of the build
 */
export async function compilerPath(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of sources) hash.update(readFileSync(path.join(here, name)));
  const folder = path.join(cache, `tsql-${hash.digest("hex").slice(0, 16)}`);
  const program = path.join(folder, "bin/check/release/check.dll");
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const workshop = mkdtempSync(path.join(cache, ".tsql-"));
  try {
    const args = ["build", "-c", "Release", "--artifacts-path", workshop, "-p:RestoreLockedMode=true", ...alone];
    const { status, stdout, error } = spawnSync("dotnet", args, {
      cwd: here,
      encoding: "utf8",
      env: { ...process.env, ...quiet },
    });
    if (status !== 0) throw new Error(`The T-SQL compiler was not built:\n${error?.message ?? stdout}`);
    if (!existsSync(folder)) renameSync(workshop, folder);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return program;
}
