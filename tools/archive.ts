import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** The SHA-256 in hexadecimal. */
export const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** Writes a folder's content as `FOLDER.tar`. @returns the SHA-256 of that file @throws Error with tar's own message */
export async function archive(folder: string): Promise<string> {
  const file = `${folder}.tar`;
  const { status, stderr, error } = spawnSync("tar", ["-cf", file, "-C", folder, "."], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tar failed: ${error?.message ?? stderr}`);
  return sha256(await readFile(file));
}
