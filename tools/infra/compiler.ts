import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { once } from "node:events";
import { hasDotnet } from "../dotnet.ts";

/** Other versions format, predict and warn differently, so they do not count. */
const pinnedVersion = "0.49.2";

/** The package that builds what pipelines deploy: its SHA-512 as base64, as NuGet writes it. */
const pinnedPackages: Readonly<Record<string, string>> = {
  "linux-x64": "kBnX0iG9wd/PWdCTwFfUvm6Jemn+5L7sY7b7HQi5k+LLwdFmrbw4y5RTLFxewCFMdBqUThiOILMa7sgzklPEAQ==",
};

const cache = path.resolve(import.meta.dirname, "../../node_modules/.cache/latchkey/bicep");

/** The platforms that NuGet has a compiler for. */
const platforms: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "osx-x64",
  "darwin-arm64": "osx-arm64",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};

/** The compiler's standard output, and its warnings and errors, one per line. */
export interface Outcome {
  readonly output: string;
  readonly diagnostics: readonly string[];
}

/** The Bicep compiler. */
export interface Compiler {
  /** Runs it in a folder, with only these variables in its environment. */
  run(words: readonly string[], folder: string, variables?: Readonly<Record<string, string>>): Promise<Outcome>;
}

/**
 * The compiler at the pinned version: from PATH, from `az bicep`, or restored from NuGet if there is a .NET SDK.
 * @returns undefined if there is none
 * @throws Error if the restore fails
 */
export function findCompiler(): Compiler | undefined {
  const installedByAz = path.join(process.env["AZURE_CONFIG_DIR"] ?? path.join(homedir(), ".azure"), "bin/bicep");
  const installed = ["bicep", installedByAz].find(isPinned);
  const program = installed ?? (hasDotnet() ? restored() : undefined);
  return program === undefined ? undefined : compilerOf(program);
}

/**
 * The compiler with the pinned hash, for what an identity will deploy: never one from PATH, whatever version it claims.
 * @returns undefined if no hash is pinned for this platform, or there is no .NET SDK
 * @throws Error if the restore fails or gives another package
 */
export function restoredCompiler(): Compiler | undefined {
  const platform = platforms[`${process.platform}-${process.arch}`] ?? "";
  const program = pinnedPackages[platform] !== undefined && hasDotnet() ? restored() : undefined;
  return program === undefined ? undefined : compilerOf(program);
}

const compilerOf = (program: string): Compiler =>
  bounded({ run: (words, folder, variables) => run(program, { words, folder, variables }) });

/** Whether this program is the compiler at the pinned version. */
export function isPinned(program: string): boolean {
  const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return status === 0 && stdout.startsWith(`Bicep CLI version ${pinnedVersion} `);
}

function restored(): string | undefined {
  const platform = platforms[`${process.platform}-${process.arch}`];
  if (platform === undefined) return undefined;
  const name = process.platform === "win32" ? "bicep.exe" : "bicep";
  const program = path.join(cache, `azure.bicep.commandline.${platform}`, pinnedVersion, "tools", name);
  if (existsSync(program) && isPinned(program)) {
    refuseOther(platform);
    return program;
  }
  mkdirSync(cache, { recursive: true });
  // One folder per restore: parallel tests may all need the compiler first.
  const workshop = mkdtempSync(path.join(cache, ".restore-"));
  const project = path.join(import.meta.dirname, "compiler.csproj");
  const properties = [
    `BicepPlatform=${platform}`,
    `BicepVersion=${pinnedVersion}`,
    `BaseIntermediateOutputPath=${workshop}/`,
  ];
  const words = ["restore", project, "--packages", cache, ...properties.map((property) => `-p:${property}`)];
  const { status, stdout, error } = spawnSync("dotnet", words, {
    encoding: "utf8",
    env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1", DOTNET_CLI_USE_MSBUILD_SERVER: "0" },
  });
  rmSync(workshop, { recursive: true, force: true });
  if (status !== 0) throw new Error(`The Bicep compiler could not be restored:\n${error?.message ?? stdout}`);
  refuseOther(platform);
  chmodSync(program, 0o755);
  return program;
}

/** NuGet does not verify what it fetches. @throws Error if the package is not the pinned one, after deleting it */
function refuseOther(platform: string): void {
  const name = `azure.bicep.commandline.${platform}`;
  const folder = path.join(cache, name, pinnedVersion);
  const found = createHash("sha512")
    .update(readFileSync(path.join(folder, `${name}.${pinnedVersion}.nupkg`)))
    .digest("base64");
  const pinned = pinnedPackages[platform];
  if (pinned === undefined || found === pinned) return;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`The Bicep compiler from NuGet is not the pinned one: its SHA-512 is ${found}`);
}

/** Limits a compiler to two runs at once: each takes a core and half a gigabyte. */
function bounded(compiler: Compiler): Compiler {
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  let next = 0;
  return {
    run(words, folder, variables) {
      const lane = next++ % lanes.length;
      const done = (lanes[lane] ?? Promise.resolve()).then(() => compiler.run(words, folder, variables));
      lanes[lane] = done.catch(() => undefined);
      return done;
    },
  };
}

interface Run {
  readonly words: readonly string[];
  readonly folder: string;
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

async function run(program: string, { words, folder, variables }: Run): Promise<Outcome> {
  const { PATH, HOME, USERPROFILE, TEMP } = process.env;
  const child = spawn(program, words, {
    cwd: folder,
    // A run is short: what the runtime would measure to compile better pays off too late, and so does a second thread that
    // collects garbage.
    env: { PATH, HOME, USERPROFILE, TEMP, DOTNET_TieredPGO: "0", DOTNET_gcConcurrent: "0", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors] = [text(child.stdout), text(child.stderr)];
  await once(child, "close");
  const diagnostics = (await errors)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  // A failed run must not look like one without findings.
  if (child.exitCode !== 0 && diagnostics.length === 0)
    diagnostics.push(`bicep ${words.join(" ")} exited with ${child.exitCode}`);
  return { output: await output, diagnostics };
}
