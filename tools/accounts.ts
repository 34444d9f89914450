// npm run accounts -- unused --days N [--json]: the accounts that nobody has used for so long.
import { parseArgs } from "node:util";
import { createAccountAdministration, type UnusedAccount } from "../shared/accounts/administration.ts";
import { addSeconds, systemClock } from "../shared/platform/clock.ts";
import { asOperator } from "./operator.ts";
import { readDays, show } from "./report.ts";
import { runCommand } from "./run-command.ts";

const usage = `usage: npm run accounts -- unused --days N [--json]

  unused  the active accounts that cannot have been used for N days: how many, then each with its id and dates.
          Somebody who signed in stays signed in for SESSION_ABSOLUTE_DAYS at most, which are added.
          --json prints an object a line, the first one with the number`;

export interface ReportOptions {
  /** Receives each line as soon as it is known. */
  readonly print: (line: string) => void;
  readonly now?: Date;
}

/** Prints a report of accounts. However many there are, few are in memory. @throws Error with a line to print */
export async function accounts(words: readonly string[], { print, now = systemClock.now() }: ReportOptions) {
  const { days, isJson } = readWords(words);
  return asOperator(["accounts", ...words], now, async ({ services }) => {
    const unusedSince = addSeconds(now, -days * 24 * 60 * 60);
    const signedInBefore = addSeconds(unusedSince, -services.config.sessions.absoluteSeconds);
    const store = createAccountAdministration(services.database.queries);
    let count = 0;
    for await (const page of store.unusedSince(signedInBefore)) count += page.length;
    const noun = count === 1 ? "active account has" : "active accounts have";
    print(isJson ? JSON.stringify({ unused: count, days }) : `${count} ${noun} not been used for ${days} days`);
    for await (const page of store.unusedSince(signedInBefore))
      for (const account of page) print(isJson ? toJson(account) : toText(account));
  });
}

function readWords(words: readonly string[]) {
  const options = { days: { type: "string" }, json: { type: "boolean" } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true });
  } catch {
    throw new Error(usage);
  }
  const { days, json: isJson = false } = parsed.values;
  if (parsed.positionals.join(" ") !== "unused" || days === undefined) throw new Error(usage);
  return { days: readDays(days), isJson };
}

const toText = ({ id, created_at: createdAt, last_login_at: signedInAt }: UnusedAccount) =>
  `${id}  made ${show(createdAt)}  ${signedInAt ? `signed in ${show(signedInAt)}` : "never signed in"}`;

const toJson = ({ id, created_at: createdAt, last_login_at: signedInAt }: UnusedAccount) =>
  JSON.stringify({ id, created_at: createdAt, last_login_at: signedInAt });

if (import.meta.main) await runCommand(() => accounts(process.argv.slice(2), { print: console.log }));
