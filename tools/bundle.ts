// npm run bundle: makes everything that a deployment needs, as the folder dist/bundle and as dist/bundle.tar, and
// prints the hash of the latter. The deploying job uses it as it is and installs nothing: package, commands, and the
// Node to run them. The templates for provisioning come from npm run templates.
import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as esbuild from "esbuild";
import { archive, sha256 } from "./archive.ts";
import { describeBuildFailure, EXTERNAL, REQUIRE_BANNER } from "./build.ts";
import { oneLine } from "./local-host/failure.ts";
import { makePackage } from "./package.ts";

/** The bundled Node, for Linux x64: npm downloads it without a lockfile, so its hash is pinned here. */
export const bundledNode = {
  version: "24.21.0",
  sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
};

/** The bundled commands, one file each. */
const commands = { migrate: "tools/migrate.ts", doctor: "tools/doctor.ts" };

/** Files that are copied unchanged. */
const files = ["host.json", "infra/hooks/migrate.sh"];

export interface BundleOptions {
  /** The folder of package.json. */
  readonly root: string;
  /** Where to put `bundle/` and `bundle.tar`, and the output of `npm run package`. */
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
  return archive(folder);
}

async function readNode(root: string): Promise<Uint8Array> {
  const content = await readFile(path.join(root, "node_modules/node/bin/node"));
  const found = sha256(content);
  if (found !== bundledNode.sha256)
    throw new Error(
      `node_modules/node/bin/node is not Node ${bundledNode.version} for Linux x64: its hash is ${found}`,
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
    // The other entry point requires files that a bundle does not have.
    alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
    logLevel: "silent",
  });
}

if (import.meta.main) {
  try {
    const root = process.cwd();
    console.log(await makeBundle({ root, out: path.join(root, "dist") }));
  } catch (error) {
    console.error(oneLine(describeBuildFailure(error)));
    process.exitCode = 1;
  }
}
