// npm run audit -- verify | export | show | anchor: the audit log, for operators and auditors.
import path from "node:path";
import { systemClock } from "../shared/platform/clock.ts";
import { appRoot } from "../shared/platform/root.ts";
import type { ProgressStream } from "./audit/progress.ts";
import { verifyExport } from "./audit/verify/verify-export.ts";
import { readWords, usage } from "./audit/words.ts";
import { loadSettings } from "./local-host/settings.ts";

/** Where a command writes. */
export interface Surroundings {
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly progress: ProgressStream;
  /** Whether people like colours at all: https://no-color.org */
  readonly hasColours: boolean;
  /** Reads the settings; not called for a verification without the service. */
  readonly loadSettings: () => void;
  /** Makes the path of a file that was named. */
  readonly resolve?: (file: string) => string;
  readonly now: Date;
}

/** Runs a command on the audit log. @returns whether all is well @throws Error with a line to print */
export async function audit(args: readonly string[], surroundings: Surroundings): Promise<boolean> {
  const words = readWords(args, surroundings.resolve);
  const { output, progress, now } = surroundings;
  const print = (line: string) => void output.write(`${line}\n`);
  if (words.command === "help") {
    print(usage);
    return true;
  }
  if (words.command === "verify" && words.export !== undefined)
    return verifyExport({ ...words, export: words.export }, { print, progress, now });
  // Only now: an auditor without the service waits for none of its modules.
  const { auditDatabase } = await import("./audit/on-database.ts");
  return auditDatabase(words, surroundings);
}

if (import.meta.main) {
  const { npm_lifecycle_event: script, INIT_CWD: calledIn } = process.env;
  // npm runs a script in the project's folder, wherever it was called.
  const calledFrom = script === "audit" ? (calledIn ?? "") : "";
  // Who reads only the first lines of an export closes the pipe.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
  try {
    const isGood = await audit(process.argv.slice(2), {
      output: process.stdout,
      progress: process.stderr,
      hasColours: !process.env["NO_COLOR"],
      loadSettings: () => void loadSettings(appRoot()),
      resolve: (file) => path.resolve(calledFrom, file),
      now: systemClock.now(),
    });
    process.exitCode = isGood ? 0 : 1;
  } catch (error) {
    const { explainDatabaseFault } = await import("./database-fault.ts");
    const fault = explainDatabaseFault(error);
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 2;
  }
}
