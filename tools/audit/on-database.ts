import { existsSync } from "node:fs";
import path from "node:path";
import { createAccountAdministration } from "../../shared/accounts/administration.ts";
import type { EventChoice } from "../../shared/audit/administration.ts";
import { loadProcessConfig, type Config } from "../../shared/config.ts";
import { anchorAudit } from "../../shared/flows/maintenance/anchor-audit.ts";
import { appRoot } from "../../shared/platform/root.ts";
import { noSource } from "../../shared/platform/source.ts";
import { createServices, type Services } from "../../shared/services.ts";
import type { Surroundings } from "../audit.ts";
import { tellDoubtful } from "../doubtful-settings.ts";
import { counted } from "./counted.ts";
import { exportAudit } from "./export.ts";
import { openFile, toStream, type Output } from "./output.ts";
import { createProgress } from "./progress.ts";
import { showAudit } from "./show.ts";
import { verifyDatabase } from "./verify/verify-database.ts";
import type { AskedChoice, Words } from "./words.ts";

/** Runs a command on the audit log in the database. @returns whether all is well @throws Error with a line to print */
export async function auditDatabase(words: Words, surroundings: Surroundings): Promise<boolean> {
  const { output, progress, now } = surroundings;
  const print = (line: string) => void output.write(`${line}\n`);
  surroundings.loadSettings();
  const config = tellDoubtful(loadProcessConfig());
  refuseMissingDatabase(config);
  const services = createServices(config);
  try {
    if (words.command === "verify") return await verifyDatabase(services, words, { print, progress, now });
    if (words.command === "export") await writeExport(services, words, surroundings);
    if (words.command === "show") {
      const hasColours = surroundings.hasColours && output.isTTY === true;
      const choice = await choose(services, words.choice);
      const lines = await showAudit(services, { ...words, choice, hasColours });
      for (const line of lines) print(line);
      if (lines.length === 0) progress.write(`${await aboutNone(services, words.choice)}\n`);
    }
    if (words.command === "anchor") print(await anchor(services, now));
    return true;
  } finally {
    await services.close();
  }
}

/** To open an embedded database makes its file: a mistyped name would look like a log without events. */
function refuseMissingDatabase({ database: { server, embeddedFile } }: Config): void {
  const file = path.resolve(appRoot(), embeddedFile);
  if (!server && !existsSync(file)) throw new Error(`There is no database ${file}: set EMBEDDED_DB_FILE or DB_SERVER`);
}

/** Anchors what has happened. @returns what to print */
async function anchor(services: Services, now: Date): Promise<string> {
  const locale = services.config.product.defaultLocale;
  const { anchors, heads, written } = await anchorAudit({ services, now, source: noSource, locale });
  const made =
    anchors === 0 ? "nothing to anchor" : `anchored ${counted(heads, "chain")} in ${counted(anchors, "anchor")}`;
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

/** Why there are no events of a choice, as far as an account's id tells. */
async function aboutNone({ database }: Services, { account }: AskedChoice): Promise<string> {
  if (!account || !("id" in account)) return "no such events";
  const isAccount = (await createAccountAdministration(database.queries).auditIdOf(account)) !== undefined;
  return isAccount
    ? "no such events"
    : `no such events: no account has the id ${account.id}, and as an audit id none of them has it`;
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
    if (counts.events === 0) progress.write(`${await aboutNone(services, words.choice)}\n`);
    progress.write(
      `${counted(counts.events, "event")} exported${anchors ? `, and ${counted(counts.anchors, "anchor")}` : ""}\n`,
    );
  } catch (error) {
    told.done();
    for (const opened of outputs) opened.abandon();
    throw error;
  }
}
