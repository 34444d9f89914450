import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** A server in its own process, which ends with the benchmark. */
export interface Server {
  readonly port: number;
  /** The CPU time it has used so far, on all of its threads. */
  cpuMilliseconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a script of this folder that reports its port. */
export async function startServer(
  script: string,
  args: readonly string[],
  settings: Record<string, string>,
): Promise<Server> {
  const child = start(script, args, settings);
  return {
    port: await said<number>(child),
    cpuMilliseconds() {
      const answer = said<number>(child);
      child.send("cpu");
      return answer;
    },
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** Runs a script of this folder that reports its figures and exits. */
export async function runOnce<T>(script: string, args: readonly string[]): Promise<T> {
  const child = start(script, args, {});
  const ended = once(child, "exit");
  const figures = await said<T>(child);
  await ended;
  return figures;
}

/** The script's log is discarded, but still costs what it costs. Calls are not limited unless the settings say so. */
function start(script: string, args: readonly string[], settings: Record<string, string>): ChildProcess {
  const env = { ...process.env, RATE_LIMITS: "off", ...settings };
  return fork(path.join(import.meta.dirname, script), args, { env, stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

async function said<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, "message")) as [T];
  return message;
}
