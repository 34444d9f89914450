import { parseArgs } from "node:util";
import type { EventChoice } from "../../shared/audit/administration.ts";
import { eventTypes, keptRowTypes } from "../../shared/audit/event-types.ts";
import { isGuid } from "../../shared/platform/settings/types.ts";
import { isEmail } from "../../shared/accounts/email.ts";
import { printable } from "./printable.ts";

export const usage = `usage: npm run audit -- verify | export | show | anchor

  verify [--export FILE] [--anchors FILE] [--anchor NUMBER:SHA256] [--keys FILE]
         finds every event that was changed, removed, moved or added since it was written. Verifies the database, or an
         export with nothing but these files. --anchors names the anchors that were exported or kept elsewhere: a file,
         or a folder of .jws files; --anchor an anchor that an earlier report named; --keys a JWK Set, such as /.well-known/jwks.json
  export [--from TIME] [--to TIME] [--type TYPE] [--account ACCOUNT] [--out FILE] [--anchors FILE]
         writes events as JSON Lines to FILE, and the anchors to the file that --anchors names. Neither file may exist.
         Without --out, to standard output: then npm run -s audit -- export, or npm prints two lines before them
  show   [--from TIME] [--to TIME] [--type TYPE] [--account ACCOUNT | --client ID] [--limit N] [--json]
         the newest 50 events, or N up to 10,000, newest last; with --json, the lines that an export has of them
  anchor signs where each chain of events ends now, as the service does every few minutes

  TIME     2026-11-30, which is its first instant in UTC, or 2026-11-30T12:00:00Z. --to is not included
  TYPE     such as sign_in.failed; a type that there is none of is answered with the closest ones
  ACCOUNT  an account's address or id, or an audit id of an event

Ends with 0 if all is well, 1 if verify found something, 2 if it was called wrongly or could not be done.`;

/** What was asked for. */
export type Words =
  | (VerifyWords & { readonly command: "verify" })
  | { readonly command: "export"; readonly choice: AskedChoice; readonly out?: string; readonly anchors?: string }
  | { readonly command: "show"; readonly choice: AskedChoice; readonly limit: number; readonly isJson: boolean }
  | { readonly command: "anchor" }
  | { readonly command: "help" };

type Command = Exclude<Words["command"], "help">;

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

type Name = "from" | "to" | "type" | "account" | "client" | "out" | "anchors" | "limit" | "export" | "keys" | "anchor";

const choosing = ["from", "to", "type", "account"] as const;
const taken: Readonly<Record<Command, readonly Name[]>> = {
  verify: ["export", "anchors", "anchor", "keys"],
  export: [...choosing, "out", "anchors"],
  show: [...choosing, "client", "limit"],
  anchor: [],
};

/**
 * Reads the words of a command.
 * @param resolve makes the path of a file that was named
 * @throws Error with a line to print
 */
export function readWords(words: readonly string[], resolve: (file: string) => string = (file) => file): Words {
  const [command = "", ...rest] = words;
  if (command === "help" || words.some((word) => word === "--help" || word === "-h")) return { command: "help" };
  if (!isCommand(command))
    throw new Error(command === "" ? usage : `"${printable(command, 40)}" is no command\n\n${usage}`);
  const { isJson, ...values } = readOptions(command, rest);
  if (command === "anchor") return { command };
  for (const name of files) if (values[name] !== undefined) values[name] = resolve(values[name]);
  if (command === "verify") {
    const { anchor, ...given } = values;
    return { command, ...given, ...(anchor !== undefined && { anchor: readNote(anchor) }) };
  }
  const { type, limit = "50", out, anchors } = values;
  if (values.account !== undefined && values.client !== undefined)
    throw new Error("--account and --client exclude each other");
  const choice = {
    ...readTimes(values),
    type: type === undefined ? undefined : readType(type),
    account: readAccount(values.account),
    client: readClient(values.client),
  };
  if (command === "show") return { command, choice, limit: readLimit(limit), isJson };
  if (out !== undefined && out === anchors) throw new Error("--out and --anchors need different files");
  return { command, choice, ...(out !== undefined && { out }), ...(anchors !== undefined && { anchors }) };
}

const isCommand = (word: string): word is Command => Object.hasOwn(taken, word);

/** The options that name files. */
const files = ["export", "anchors", "keys", "out"] as const;

type Options = Partial<Record<Name, string>> & { isJson: boolean };

function readOptions(command: Command, args: string[]): Options {
  const texts = Object.fromEntries(taken[command].map((name) => [name, { type: "string", multiple: true } as const]));
  const options = { ...texts, ...(command === "show" && { json: { type: "boolean" } as const }) };
  let values: Readonly<Record<string, unknown>>;
  try {
    ({ values } = parseArgs({ args, options, allowPositionals: false }));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(". ")[0] ?? "") : "";
    throw new Error(`${printable(reason)}\n\n${usage}`, { cause: error });
  }
  const isJson = values["json"] === true;
  const entries = Object.entries(values).filter(([name]) => name !== "json") as [string, string[]][];
  for (const [name, given] of entries) {
    if (given.length > 1) throw new Error(`--${name} is there twice`);
    if (given[0] === "") throw new Error(`--${name} is empty`);
  }
  return { ...Object.fromEntries(entries.map(([name, given]) => [name, given[0]])), isJson };
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

/** Takes a type that rows have, so that nobody takes a mistyped one for "nothing happened". */
function readType(text: string): string {
  if (keptRowTypes.some((type) => type === text)) return text;
  const given = `--type: there are no events of type "${printable(text, 60)}"`;
  if (Object.hasOwn(eventTypes, text)) throw new Error(`${given}: they are lines of the log alone`);
  const near = keptRowTypes.filter((type) => isNear(type, text));
  throw new Error(
    `${given}. ${near.length > 0 ? "The closest" : "All types"}: ${(near.length > 0 ? near : keptRowTypes).join(", ")}`,
  );
}

/** Whether a type has the same topic or the same action, or differs by what fingers do: letters left out, added or swapped. */
function isNear(type: string, text: string): boolean {
  const [topic, action] = type.split(".");
  const [givenTopic, givenAction] = text.slice(0, 60).split(".");
  const letters = (word: string) =>
    word
      .split("")
      .filter((letter) => /[a-z]/.test(letter))
      .toSorted()
      .join("");
  return topic === givenTopic || action === givenAction || letters(type) === letters(text.slice(0, 60));
}

function readAccount(text: string | undefined): AskedChoice["account"] {
  if (text === undefined) return undefined;
  if (isGuid(text)) return { id: text.toLowerCase() };
  if (isEmail(text)) return { email: text };
  throw new Error("--account takes an account's address or id, or an audit id");
}

function readClient(text: string | undefined): string | undefined {
  if (text === undefined || isGuid(text)) return text?.toLowerCase();
  throw new Error("--client takes a client's id, as npm run clients -- list shows it");
}

const mostShown = 10_000;

function readLimit(text: string): number {
  const limit = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostShown) throw new Error("--limit takes a whole number from 1 to 10000");
  return limit;
}
