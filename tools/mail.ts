// npm run mail -- list | show ID | resend ID: the mails that were not sent.
import { parseArgs } from "node:util";
import { normaliseEmail } from "../shared/accounts/email.ts";
import { createMailAdministration, type ListedMail, type MailAdministration } from "../shared/mail/administration.ts";
import { addSeconds, systemClock } from "../shared/platform/clock.ts";
import { isGuid } from "../shared/platform/settings/types.ts";
import type { Services } from "../shared/services.ts";
import { asOperator, type OperatorCall } from "./operator.ts";
import { show as told } from "./report.ts";
import { runCommand } from "./run-command.ts";

const usage = `usage: npm run mail -- list | show ID | resend ID

  list       the newest mails that wait, were given up, or go to an address that mail came back from
  show ID    one mail: for whom, when, how often it was tried, and what the provider said; never what it says
  resend ID  sends one now that waits, was given up or stopped; mail to its address is then allowed again. A mail whose
             link has expired is refused: the person asks for a new one instead`;

const mostListed = 50;

/** Runs a command on the outbox. @returns what to print @throws Error with a line to print */
export async function mail(words: readonly string[], now = systemClock.now()): Promise<string[]> {
  const { command, id } = readWords(words);
  return asOperator(["mail", ...words], now, async (call) => {
    const store = createMailAdministration(call.services.database.queries);
    if (command === "list") return list(store);
    const found = await store.find(id);
    if (!found) throw new Error(`There is no mail ${id}; see npm run mail -- list`);
    return command === "show" ? show(found) : resend(call, found);
  });
}

function readWords(words: readonly string[]) {
  let positionals: string[];
  try {
    ({ positionals } = parseArgs({ args: [...words], options: {}, allowPositionals: true }));
  } catch {
    throw new Error(usage);
  }
  const [command = "", id = "", ...rest] = positionals;
  const isKnown = command === "list" ? id === "" : /^(?:show|resend)$/.test(command) && id !== "";
  if (!isKnown || rest.length > 0) throw new Error(usage);
  if (id !== "" && !isGuid(id)) throw new Error(`${id} is not the id of a mail; see npm run mail -- list`);
  return { command, id: id.toLowerCase() };
}

async function list(store: MailAdministration): Promise<string[]> {
  const mails = await store.unfinished(mostListed);
  if (mails.length === 0) return ["every mail was sent"];
  const lines = mails.map(({ id, status, template, attempts, created_at: createdAt, failure }) =>
    [id, status, told(createdAt), template, attempts === 1 ? "1 attempt" : `${attempts} attempts`, failure ?? ""]
      .join("  ")
      .trimEnd(),
  );
  return mails.length < mostListed ? lines : [...lines, `and perhaps older ones: these are the newest ${mostListed}`];
}

function show(found: ListedMail): string[] {
  const fields: readonly (readonly [string, unknown])[] = [
    ["id", found.id],
    ["status", found.status],
    ["template", found.template],
    ["to", found.recipient === null ? "nobody" : hidden(found.recipient)],
    ["account", found.user_id ?? "none"],
    ["locale", found.locale],
    ["posted", told(found.created_at)],
    ["attempts", found.attempts],
    ["next attempt", found.status === "waiting" ? told(found.due_at) : "none"],
    ["sent", found.sent_at ? told(found.sent_at) : "no"],
    ["last failure", found.failure ?? "none"],
    ["can be resent", found.recipient !== null && isResendable(found) ? "yes, unless its link has expired" : "no"],
  ];
  return fields.map(([name, value]) => `${name.padEnd(14)} ${String(value)}`);
}

/** Enough of an address to know it by, if one knows it: `a…@example.com`. */
function hidden(address: string): string {
  const at = address.lastIndexOf("@");
  return `${Array.from(address)[0] ?? ""}…${address.slice(at)}`;
}

const isResendable = ({ status, has_data: hasData }: ListedMail) =>
  (status === "waiting" || status === "dead" || status === "suppressed") && hasData;

async function resend({ services, ...call }: OperatorCall, found: ListedMail): Promise<string[]> {
  const { id, recipient } = found;
  if (recipient === null) throw new Error(`${id} goes to nobody: it is not sent`);
  if (!isResendable(found))
    throw new Error(`${id} cannot be resent: it is ${found.status}, and what it said has been removed`);
  if (hasExpired(found, services, call.now))
    throw new Error(`${id} is of no use any more: its link has expired; the person asks for a new one instead`);
  await services.transaction(
    call,
    async (tx, queries) => {
      const store = createMailAdministration(queries);
      // An earlier run of this transaction may have put it back.
      if (!(await putBack(store, found, call.now)) && tx.audit.earlier.length === 0) throw notPutBack(found);
      await store.allow(normaliseEmail(recipient));
      await tx.audit.append({ type: "mail.put_back", reason: found.template });
    },
    { isRepeatable: true },
  );
  await services.mail.hurry([id]);
  return [`${id} will be sent`];
}

const putBack = (store: MailAdministration, { id, status }: ListedMail, now: Date) =>
  status === "waiting" ? store.bringForward(id, now) : store.revive(id, now);

function notPutBack({ id, status, due_at: dueAt }: ListedMail): Error {
  const why =
    status === "waiting"
      ? `is being sent, or waits for its place in the quota at ${told(dueAt)}`
      : "has changed meanwhile";
  return new Error(`${id} ${why}; see npm run mail -- show ${id}`);
}

/** The templates that are of use only while their link is valid. */
const ofLinks = new Set<ListedMail["template"]>(["verify_email", "reset_password", "confirm_email"]);

function hasExpired({ template, created_at: createdAt }: ListedMail, { config }: Services, now: Date): boolean {
  return ofLinks.has(template) && now >= addSeconds(createdAt, config.oneTimeTokens.lifetimeSeconds);
}

if (import.meta.main) await runCommand(async () => console.log((await mail(process.argv.slice(2))).join("\n")));
