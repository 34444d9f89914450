// npm run audit -- verify | export | show | anchor: the audit log, for operators and auditors.
import { createAccountAdministration } from "../shared/accounts/administration.ts";
import type { EventChoice } from "../shared/audit/administration.ts";
import { loadProcessConfig } from "../shared/config.ts";
import { anchorAudit } from "../shared/flows/maintenance/anchor-audit.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { appRoot } from "../shared/platform/root.ts";
import { noSource } from "../shared/platform/source.ts";
import { createServices, type Services } from "../shared/services.ts";
import { exportAudit } from "./audit/export.ts";
import { openFile, toStream, type Output } from "./audit/output.ts";
import { counted } from "./audit/counted.ts";
import { createProgress, type ProgressStream } from "./audit/progress.ts";
import { showAudit } from "./audit/show.ts";
import { verifyDatabase, verifyExport } from "./audit/verify/verify.ts";
import { readWords, type AskedChoice, type Words } from "./audit/words.ts";
import { explainDatabaseFault } from "./database-fault.ts";
import { tellDoubtful } from "./doubtful-settings.ts";
import { loadSettings } from "./local-host/settings.ts";

/** Where a command writes. */
export interface Surroundings {
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly progress: ProgressStream;
  /** Whether people like colours at all: https://no-color.org */
  readonly hasColours: boolean;
  /** Reads the settings; not called for a verification without the service. */
  readonly loadSettings: () => void;
  readonly now: Date;
}

/** Runs a command on the audit log. @returns whether all is well @throws Error with a line to print */
export async function audit(args: readonly string[], surroundings: Surroundings): Promise<boolean> {
  const words = readWords(args);
  const { output, progress, now } = surroundings;
  const print = (line: string) => void output.write(`${line}\n`);
  if (words.command === "verify" && words.export !== undefined)
    return verifyExport({ ...words, export: words.export }, { print, progress, now });
  surroundings.loadSettings();
  const services = createServices(tellDoubtful(loadProcessConfig()));
  try {
    if (words.command === "verify") return await verifyDatabase(services, words, { print, progress, now });
    if (words.command === "export") await writeExport(services, words, surroundings);
    if (words.command === "show") {
      const hasColours = surroundings.hasColours && output.isTTY === true;
      const choice = await choose(services, words.choice);
      for (const line of await showAudit(services, { choice, limit: words.limit, hasColours })) print(line);
    }
    if (words.command === "anchor") print(await anchor(services, now));
    return true;
  } finally {
    await services.close();
  }
}

/** Anchors what has happened. @returns what to print */
async function anchor(services: Services, now: Date): Promise<string> {
  const locale = services.config.product.defaultLocale;
  const { anchors, heads, written } = await anchorAudit({ services, now, source: noSource, locale });
  const made =
    anchors === 0
      ? "nothing has happened since the last anchor"
      : `anchored ${counted(heads, "chain")} in ${counted(anchors, "anchor")}`;
  return written === undefined ? made : `${made}; ${counted(written, "anchor")} written into the container`;
}

/** Finds the audit id of the account. An id that no account has is taken for an audit id: the account may be erased. */
async function choose({ database }: Services, { account, ...choice }: AskedChoice): Promise<EventChoice> {
  if (!account) return choice;
  const auditId = await createAccountAdministration(database.queries).auditIdOf(account);
  if (auditId === null) throw new Error("nothing was recorded about this account yet");
  if (auditId === undefined && !("id" in account)) throw new Error("there is no account with this address");
  return { ...choice, account: auditId ?? ("id" in account ? account.id : undefined) };
}

async function writeExport(
  services: Services,
  words: Extract<Words, { command: "export" }>,
  { output, progress, now }: Surroundings,
): Promise<void> {
  const choice = await choose(services, words.choice);
  const outputs: Output[] = [];
  const open = (opened: Output) => outputs[outputs.push(opened) - 1] as Output;
  const told = createProgress(progress);
  try {
    const anchors = words.anchors === undefined ? undefined : open(openFile(words.anchors));
    const events = open(words.out === undefined ? toStream(output) : openFile(words.out));
    const counts = await exportAudit(services, { choice, events, anchors, progress: told, now });
    for (const opened of outputs) await opened.finish();
    told.done();
    progress.write(
      `${counted(counts.events, "event")} exported${anchors ? `, and ${counted(counts.anchors, "anchor")}` : ""}\n`,
    );
  } catch (error) {
    told.done();
    for (const opened of outputs) opened.abandon();
    throw error;
  }
}

if (import.meta.main) {
  // Who reads only the first lines of an export closes the pipe.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
  try {
    const isGood = await audit(process.argv.slice(2), {
      output: process.stdout,
      progress: process.stderr,
      hasColours: !process.env["NO_COLOR"],
      loadSettings: () => void loadSettings(appRoot()),
      now: systemClock.now(),
    });
    process.exitCode = isGood ? 0 : 1;
  } catch (error) {
    const fault = explainDatabaseFault(error);
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 2;
  }
}
