import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** A server in a process of its own. It ends with the benchmark. */
export interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a script of this folder that says its port. */
export async function startServer(
  script: string,
  args: readonly string[],
  settings: Record<string, string>,
): Promise<Server> {
  const child = start(script, args, settings);
  return {
    port: await said(child),
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** Runs a script of this folder that says one figure and ends. */
export async function runOnce(script: string, args: readonly string[]): Promise<number> {
  const child = start(script, args, {});
  const ended = once(child, "exit");
  const figure = await said(child);
  await ended;
  return figure;
}

/** What the script logs goes nowhere, but costs what it costs. */
function start(script: string, args: readonly string[], settings: Record<string, string>): ChildProcess {
  const env = { ...process.env, ...settings };
  return fork(path.join(import.meta.dirname, script), args, { env, stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

async function said(child: ChildProcess): Promise<number> {
  const [figure] = (await once(child, "message")) as [number];
  return figure;
}
