import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { leaveRoom } from "./leave-room.ts";

/** Whether a program is installed. */
export function hasProgram(name: string): boolean {
  return (process.env["PATH"] ?? "").split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Run {
  readonly args: readonly string[];
  /** It is ended after this time. */
  readonly seconds: number;
  /** Its folder, and its home: it leaves nothing elsewhere. */
  readonly folder: string;
  /** Whether it takes what others leave of the processors: see `leaveRoom`. */
  readonly leavesRoom?: boolean;
}

export interface Outcome {
  /** What it printed, without colours. */
  readonly output: string;
  /** Whether it had to be ended. */
  readonly isEnded: boolean;
}

/** Runs a program, and collects what it prints. */
export function runProgram(name: string, { args, seconds, folder, leavesRoom = false }: Run): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let [output, isEnded] = ["", false];
    const child = spawn(name, args, {
      cwd: folder,
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (leavesRoom) leaveRoom(child);
    const ending = setTimeout(() => {
      isEnded = true;
      child.kill("SIGKILL");
    }, seconds * 1000);
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(ending);
      resolve({ output: stripVTControlCharacters(output), isEnded });
    });
  });
}

/** A signal that work is over, well or not. */
export function signalAfter(work: Promise<unknown>): AbortSignal {
  const over = new AbortController();
  void work.then(
    () => over.abort(),
    () => over.abort(),
  );
  return over.signal;
}
