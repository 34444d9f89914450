import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { oneLine } from "../local-host/failure.ts";
import { npm } from "./npm.ts";

const run = promisify(execFile);

/**
 * The folder of a package: the installed one, or one that npm downloads now. npm does not install packages for other
 * operating systems, so a package made on macOS or Windows has to download its Linux binary.
 * @param root the folder of package-lock.json, which says what may be downloaded
 * @param workshop a folder for downloads
 * @throws Error if the package is not available, or is not the one in the lockfile
 */
export async function installedFolder(root: string, name: string, workshop: string): Promise<string> {
  const installed = path.join(root, "node_modules", name);
  if (existsSync(installed)) return installed;
  const { version, integrity } = await lockedVersion(root, name);
  const folder = path.join(workshop, name);
  await mkdir(folder, { recursive: true });
  try {
    const stdout = await npm(["pack", `${name}@${version}`, "--json"], folder);
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const archive = await readFile(path.join(folder, filename));
    if (!matches(archive, integrity)) throw new Error("it does not match package-lock.json");
    // The system's tar, which Windows has too. The file name has no drive letter, which tar would take for a host.
    await run("tar", ["-xzf", filename], { cwd: folder });
    return path.join(folder, "package");
  } catch (cause) {
    throw new Error(`${name}@${version} is not installed here and cannot be fetched: ${oneLine(cause)}`, { cause });
  }
}

async function lockedVersion(root: string, name: string): Promise<{ version: string; integrity: string }> {
  const { packages } = JSON.parse(await readFile(path.join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string; integrity: string } | undefined>;
  };
  const locked = packages[`node_modules/${name}`];
  if (!locked) throw new Error(`${name} is not in package-lock.json`);
  return locked;
}

/** Whether a file has this hash, in the lockfile's notation: `sha512-` and base64. */
function matches(content: Uint8Array, integrity: string): boolean {
  return integrity === `sha512-${createHash("sha512").update(content).digest("base64")}`;
}
