import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const cache = path.resolve(import.meta.dirname, "../node_modules/.cache/latchkey");

/** Keeps the SDK from reporting home and from leaving servers behind. */
const quiet = { DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1", DOTNET_CLI_USE_MSBUILD_SERVER: "0" };
const alone = ["-nodeReuse:false", "-p:UseSharedCompilation=false"];

let found: boolean | undefined;

/** Whether there is a .NET SDK that can build our programs. Asked once per process, since asking takes a process. */
export function hasDotnet(): boolean {
  return (found ??= askDotnet());
}

function askDotnet(): boolean {
  const { status, stdout } = spawnSync("dotnet", ["--version"], { encoding: "utf8", cwd: import.meta.dirname });
  return status === 0 && Number.parseInt(stdout, 10) >= 10;
}

/**
 * A built program, for `dotnet FILE`. Built on first use, in one step, into a folder named after a hash of its sources,
 * so builds may run at the same time.
 * @param name of its project file, without `.csproj`
 * @param sources file names and texts: the project, `packages.lock.json` and the code
 * @throws Error with the output of the build
 */
export function builtProgram(name: string, sources: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256").update(JSON.stringify(sources)).digest("hex").slice(0, 16);
  const folder = path.join(cache, `${name}-${hash}`);
  const program = path.join(folder, `out/bin/${name}/release/${name}.dll`);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const workshop = mkdtempSync(path.join(cache, `.${name}-`));
  try {
    for (const [file, text] of Object.entries(sources)) writeFileSync(path.join(workshop, file), text);
    const args = ["build", "-c", "Release", "--artifacts-path", path.join(workshop, "out")];
    const { status, stdout, error } = spawnSync("dotnet", [...args, "-p:RestoreLockedMode=true", ...alone], {
      cwd: workshop,
      encoding: "utf8",
      env: { ...process.env, ...quiet },
    });
    if (status !== 0) throw new Error(`${name} was not built:\n${error?.message ?? stdout}`);
    if (!existsSync(folder)) renameSync(workshop, folder);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return program;
}
