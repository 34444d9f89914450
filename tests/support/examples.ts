import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folder.ts";

/** Serves an example by its own command. @param flags what makes it serve at that URL @returns ends it */
export async function serveExample(
  name: string,
  url: string,
  flags: readonly string[],
  env = {},
): Promise<() => Promise<void>> {
  const args = ["run", "dev", "--workspace", `latchkey-example-${name}`, "--", ...flags];
  // In a group of its own, which ends as one. Without an input esbuild would stop at once.
  const child = spawn("npm", args, {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, "close");
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    await ended;
  };
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) break;
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return stop;
    await sleep(100);
  }
  await stop();
  throw new Error(`The example ${name} does not serve: ${output}`);
}

/** Copies the plain page's folder, in which it then names the service at this URL. @returns the copy's path */
export function copyPlainExample(serviceUrl: string): string {
  const folder = temporaryFolder();
  cpSync("examples/plain", folder, { recursive: true });
  const page = path.join(folder, "index.html");
  writeFileSync(page, readFileSync(page, "utf8").replace("http://localhost:7071", serviceUrl));
  return folder;
}
