import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { once } from "node:events";
import { hasDotnet } from "../dotnet.ts";

/** Another version formats, predicts and warns in other ways: it does not count. */
const pinnedVersion = "0.49.2";

/** Of the package that builds what pipelines deploy, as NuGet writes it: base64 of its SHA-512. */
const pinnedPackages: Readonly<Record<string, string>> = {
  "linux-x64": "kBnX0iG9wd/PWdCTwFfUvm6Jemn+5L7sY7b7HQi5k+LLwdFmrbw4y5RTLFxewCFMdBqUThiOILMa7sgzklPEAQ==",
};

const cache = path.resolve(import.meta.dirname, "../../node_modules/.cache/latchkey/bicep");

/** Where NuGet has a compiler for this machine. */
const platforms: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "osx-x64",
  "darwin-arm64": "osx-arm64",
  "win32-x64": "win-x64",
  "win32-arm64": "win-arm64",
};

/** What the compiler said: standard output, and its warnings and errors, one a line. */
export interface Outcome {
  readonly output: string;
  readonly diagnostics: readonly string[];
}

/** The Bicep compiler. */
export interface Compiler {
  /** Runs it in a folder, with these variables in its environment, and no other of ours. */
  run(words: readonly string[], folder: string, variables?: Readonly<Record<string, string>>): Promise<Outcome>;
}

/**
 * The compiler at the pinned version: of the PATH, of `az bicep`, or restored from NuGet where there is a .NET SDK.
 * @returns undefined where there is none
 * @throws Error when the restore fails
 */
export function findCompiler(): Compiler | undefined {
  const installedByAz = path.join(process.env["AZURE_CONFIG_DIR"] ?? path.join(homedir(), ".azure"), "bin/bicep");
  const installed = ["bicep", installedByAz].find(isPinned);
  const program = installed ?? (hasDotnet() ? restored() : undefined);
  return program === undefined ? undefined : compilerOf(program);
}

/**
 * The compiler of the pinned hash, for what an identity will deploy: none of the PATH, whatever version that calls itself.
 * @returns undefined where no hash is pinned for this platform, or there is no .NET SDK
 * @throws Error when the restore fails, or gives another package
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
  // A folder for each restore: tests that run side by side may all need the compiler first.
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
  if (status !== 0) throw new Error(`The Bicep compiler was not restored:\n${error?.message ?? stdout}`);
  refuseOther(platform);
  chmodSync(program, 0o755);
  return program;
}

/** NuGet compares what it fetches with nothing. @throws Error where the package is not the pinned one, which is then gone */
function refuseOther(platform: string): void {
  const name = `azure.bicep.commandline.${platform}`;
  const folder = path.join(cache, name, pinnedVersion);
  const found = createHash("sha512")
    .update(readFileSync(path.join(folder, `${name}.${pinnedVersion}.nupkg`)))
    .digest("base64");
  const pinned = pinnedPackages[platform];
  if (pinned === undefined || found === pinned) return;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`The Bicep compiler that NuGet gave is not the pinned one: its SHA-512 is ${found}`);
}

/** A compiler that runs twice at once at the most: a run takes a core and half a gigabyte. */
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
    // A run is short: what the runtime would measure to compile better pays off too late.
    env: { PATH, HOME, USERPROFILE, TEMP, DOTNET_TieredPGO: "0", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors] = [text(child.stdout), text(child.stderr)];
  await once(child, "close");
  const diagnostics = (await errors)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  // One that fails must not pass for one that found nothing.
  if (child.exitCode !== 0 && diagnostics.length === 0)
    diagnostics.push(`bicep ${words.join(" ")} ended with ${child.exitCode}`);
  return { output: await output, diagnostics };
}
