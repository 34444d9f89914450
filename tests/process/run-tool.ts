import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect, vi } from "vitest";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningTool {
  readonly pid: number;
  /** What has been printed so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves when the process has ended and its output is complete. */
  readonly ended: Promise<Outcome>;
  kill(signal: "SIGINT" | "SIGTERM"): void;
  /** Waits until stdout holds this text. */
  printed(text: string): Promise<void>;
}

export interface RunOptions {
  readonly cwd: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one of this project's tools as a process of its own, with nothing of our environment but how Node is found and fast. */
export function runTool(tool: string, { cwd, args = [], env = {} }: RunOptions): RunningTool {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const environment = { PATH, NODE_COMPILE_CACHE, ...env };
  const child = spawn(process.execPath, [path.resolve(tool), ...args], {
    cwd,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output.stderr += text.toString()));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return {
    pid: child.pid ?? 0,
    output,
    ended,
    kill: (signal) => void child.kill(signal),
    printed: (text) => vi.waitFor(() => expect(output.stdout + output.stderr).toContain(text), 110_000),
  };
}
