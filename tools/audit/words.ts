import { parseArgs } from "node:util";
import type { EventChoice } from "../../shared/audit/administration.ts";
import { isGuid } from "../../shared/platform/settings/types.ts";
import { isEmail } from "../../shared/accounts/email.ts";

export const usage = `usage: npm run audit -- verify | export | show | anchor

  verify [--export FILE] [--anchors FILE] [--anchor NUMBER:SHA256] [--keys FILE]
         finds every event that was changed, removed, moved or added since it was written. Verifies the database, or an
         export with nothing but these files. --anchors names the anchors that were exported or kept elsewhere: a file,
         or a folder of .jws files; --anchor an anchor that an earlier report named; --keys a JWK Set, such as /.well-known/jwks.json
  export [--from TIME] [--to TIME] [--type TYPE] [--account ACCOUNT] [--out FILE] [--anchors FILE]
         writes events as JSON Lines to FILE, otherwise to standard output, and the anchors to the file that --anchors
         names. Neither file may exist
  show   [--from TIME] [--to TIME] [--type TYPE] [--account ACCOUNT] [--limit N]
         the newest 50 events, or N up to 10,000, newest last
  anchor signs where each chain of events ends now, as the service does every few minutes

  TIME     2026-11-30, which is its first instant in UTC, or 2026-11-30T12:00:00Z. --to is not included
  ACCOUNT  an account's address or id, or an audit id of an event

Ends with 0 if all is well, 1 if verify found something, 2 if it was called wrongly or could not be done.`;

/** What was asked for. */
export type Words =
  | (VerifyWords & { readonly command: "verify" })
  | { readonly command: "export"; readonly choice: AskedChoice; readonly out?: string; readonly anchors?: string }
  | { readonly command: "show"; readonly choice: AskedChoice; readonly limit: number }
  | { readonly command: "anchor" };

interface VerifyWords {
  readonly export?: string;
  readonly anchors?: string;
  readonly keys?: string;
  readonly anchor?: NotedAnchor;
}

/** An anchor that somebody took down: its number and its digest. */
export interface NotedAnchor {
  readonly number: number;
  readonly digest: string;
}

/** An `EventChoice` that names the account as people do. */
export interface AskedChoice extends Omit<EventChoice, "account"> {
  readonly account?: { readonly id: string } | { readonly email: string } | undefined;
}

type Name = "from" | "to" | "type" | "account" | "out" | "anchors" | "limit" | "export" | "keys" | "anchor";

const choosing = ["from", "to", "type", "account"] as const;
const taken: Readonly<Record<Words["command"], readonly Name[]>> = {
  verify: ["export", "anchors", "anchor", "keys"],
  export: [...choosing, "out", "anchors"],
  show: [...choosing, "limit"],
  anchor: [],
};

/** Reads the words of a command. @throws Error with a line to print */
export function readWords(words: readonly string[]): Words {
  const [command = "", ...rest] = words;
  if (!isCommand(command)) throw new Error(usage);
  const values = readOptions(command, rest);
  if (command === "anchor") return { command };
  if (command === "verify") {
    const { anchor, ...files } = values;
    return { command, ...files, ...(anchor !== undefined && { anchor: readNote(anchor) }) };
  }
  const { type, limit = "50", out, anchors } = values;
  const choice = {
    ...readTimes(values),
    type: type === undefined ? undefined : readType(type),
    account: readAccount(values.account),
  };
  if (command === "show") return { command, choice, limit: readLimit(limit) };
  if (out !== undefined && out === anchors) throw new Error("--out and --anchors need different files");
  return { command, choice, ...(out !== undefined && { out }), ...(anchors !== undefined && { anchors }) };
}

const isCommand = (word: string): word is Words["command"] => Object.hasOwn(taken, word);

function readOptions(command: Words["command"], args: string[]): Partial<Record<Name, string>> {
  const options = Object.fromEntries(taken[command].map((name) => [name, { type: "string", multiple: true } as const]));
  let values: Readonly<Record<string, unknown>>;
  try {
    ({ values } = parseArgs({ args, options, allowPositionals: false }));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(". ")[0] ?? "") : "";
    throw new Error(`${reason}\n\n${usage}`, { cause: error });
  }
  const entries = Object.entries(values as Record<string, string[]>);
  for (const [name, given] of entries) {
    if (given.length > 1) throw new Error(`--${name} is there twice`);
    if (given[0] === "") throw new Error(`--${name} is empty`);
  }
  return Object.fromEntries(entries.map(([name, given]) => [name, given[0]]));
}

function readTimes({ from, to }: Partial<Record<Name, string>>): Pick<AskedChoice, "from" | "to"> {
  const times = {
    from: from === undefined ? undefined : readTime("from", from),
    to: to === undefined ? undefined : readTime("to", to),
  };
  if (times.from && times.to && times.from >= times.to) throw new Error("--from is not before --to");
  return times;
}

const timeForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/;

function readTime(name: string, text: string): Date {
  const time = new Date(timeForm.test(text) ? text : Number.NaN);
  // 2026-02-30 would be taken for the second of March.
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(text.slice(0, 10)))
    throw new Error(`--${name} takes a time such as 2026-11-30 or 2026-11-30T12:00:00Z`);
  return time;
}

function readNote(text: string): NotedAnchor {
  const [, number, digest] = /^([1-9]\d{0,9}):([\w-]{43})$/.exec(text) ?? [];
  if (number === undefined || digest === undefined)
    throw new Error("--anchor takes the number of an anchor and its SHA-256, as reports have them, such as 7:x3Rq...");
  return { number: Number(number), digest };
}

function readType(text: string): string {
  if (!/^[a-z_]{1,30}\.[a-z_]{1,30}$/.test(text))
    throw new Error("--type takes the type of an event, such as sign_in.failed");
  return text;
}

function readAccount(text: string | undefined): AskedChoice["account"] {
  if (text === undefined) return undefined;
  if (isGuid(text)) return { id: text.toLowerCase() };
  if (isEmail(text)) return { email: text };
  throw new Error("--account takes an account's address or id, or an audit id");
}

const mostShown = 10_000;

function readLimit(text: string): number {
  const limit = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostShown) throw new Error("--limit takes a whole number from 1 to 10000");
  return limit;
}
