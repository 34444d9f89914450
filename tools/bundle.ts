// npm run bundle: makes all that a deployment needs, as the folder dist/bundle and as dist/bundle.tar, and prints the hash of that.
// What deploys takes it as it is, and installs nothing: package, templates, commands, and the Node that runs them.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as esbuild from "esbuild";
import { describeBuildFailure, EXTERNAL, REQUIRE_BANNER } from "./build.ts";
import { findCompiler } from "./infra/compiler.ts";
import { oneLine } from "./local-host/failure.ts";
import { makePackage } from "./package.ts";

/** The Node that goes along, for Linux on x64: the npm package fetches it without a lock, so its hash stands here. */
export const bundledNode = {
  version: "24.21.0",
  sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
};

/** The commands that go along, each as one file. */
const commands = { migrate: "tools/migrate.ts", doctor: "tools/doctor.ts" };

/** What goes along as it is. */
const files = ["host.json", "infra/hooks/migrate.sh", "infra/hooks/register.sh"];

export interface BundleOptions {
  /** The folder of package.json. */
  readonly root: string;
  /** Takes `bundle/` and `bundle.tar`, and what `npm run package` makes. */
  readonly out: string;
}

/** Makes the bundle. @returns the SHA-256 of `bundle.tar` @throws Error saying what is missing */
export async function makeBundle({ root, out }: BundleOptions): Promise<string> {
  const folder = path.join(out, "bundle");
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, "infra/hooks"), { recursive: true });
  await makePackage({ root, out });
  await copyFile(path.join(out, "latchkey.zip"), path.join(folder, "latchkey.zip"));
  for (const file of files) await copyFile(path.join(root, file), path.join(folder, file));
  await cp(path.join(root, "sql"), path.join(folder, "sql"), { recursive: true });
  await writeFile(path.join(folder, "node"), await readNode(root), { mode: 0o755 });
  await writeFile(path.join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await bundleCommands(root, folder);
  await compileTemplates(root, folder);
  const archive = path.join(out, "bundle.tar");
  const { status, stderr } = spawnSync("tar", ["-cf", archive, "-C", folder, "."], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tar failed: ${stderr}`);
  return sha256(await readFile(archive));
}

async function readNode(root: string): Promise<Uint8Array> {
  const content = await readFile(path.join(root, "node_modules/node/bin/node"));
  const found = sha256(content);
  if (found !== bundledNode.sha256)
    throw new Error(
      `node_modules/node/bin/node is not Node ${bundledNode.version} for Linux on x64: its hash is ${found}`,
    );
  return content;
}

async function bundleCommands(root: string, folder: string): Promise<void> {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: commands,
    outdir: folder,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    banner: { js: REQUIRE_BANNER },
    external: EXTERNAL,
    // Its other form asks for files that a bundle does not have.
    alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
    logLevel: "silent",
  });
}

/** Templates and parameters as JSON, with the values of this environment: what deploys needs no Bicep. */
async function compileTemplates(root: string, folder: string): Promise<void> {
  const compiler = findCompiler();
  if (!compiler)
    throw new Error("The templates cannot be compiled: it needs Bicep 0.49.2, or the .NET SDK 10 to restore it.");
  // The compiler writes beside what it reads.
  const workshop = await mkdtemp(path.join(tmpdir(), "latchkey-bundle-"));
  try {
    await cp(path.join(root, "infra"), workshop, { recursive: true });
    const names = [
      ...(await readFile(path.join(workshop, "main.bicepparam"), "utf8")).matchAll(/readEnvironmentVariable\('(\w+)'/g),
    ];
    // Bicep takes an empty variable for a value, GitHub's are empty where they are not set.
    const variables = names.flatMap(([, name = ""]) => (process.env[name] ? [[name, process.env[name]] as const] : []));
    for (const words of [
      ["build", "main.bicep", "--outfile", path.join(folder, "template.json")],
      ["build-params", "main.bicepparam", "--outfile", path.join(folder, "parameters.json")],
    ]) {
      const { diagnostics } = await compiler.run(words, workshop, Object.fromEntries(variables));
      if (diagnostics.length > 0) throw new Error(diagnostics.join(" "));
    }
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

if (import.meta.main) {
  try {
    const root = process.cwd();
    console.log(await makeBundle({ root, out: path.join(root, "dist") }));
  } catch (error) {
    console.error(oneLine(describeBuildFailure(error)));
    process.exitCode = 1;
  }
}
