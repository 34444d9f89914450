import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { whenDone } from "./when-done.ts";

/** Serves an example by its own command, until the tests of the file are done. @param flags what makes it serve at that URL */
export async function serveExample(name: string, url: string, flags: readonly string[], env = {}): Promise<void> {
  const args = ["run", "dev", "--workspace", `latchkey-example-${name}`, "--", ...flags];
  // In a group of its own, which ends as one. Without an input esbuild would stop at once.
  const child = spawn("npm", args, {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  whenDone(() => child.pid !== undefined && child.exitCode === null && process.kill(-child.pid, "SIGTERM"));
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) break;
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`The example ${name} does not serve: ${output}`);
}
