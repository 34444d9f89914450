// npm run addresses -- list | deny NETWORK --for TIME | allow NETWORK --for TIME | remove NETWORK: who may call, for a time.
import { parseArgs } from "node:util";
import { createAddressAdministration, type AddressAdministration } from "../shared/addresses/administration.ts";
import { addSeconds, systemClock } from "../shared/platform/clock.ts";
import { formatNetwork, parseNetwork } from "../shared/platform/network.ts";
import { asOperator, type OperatorCall } from "./operator.ts";
import { show } from "./report.ts";
import { runCommand } from "./run-command.ts";

const usage = `usage: npm run addresses -- list | deny NETWORK --for TIME | allow NETWORK --for TIME | remove NETWORK

  list    the rules that have not ended
  deny    refuses calls from a network (203.0.113.0/24, 2001:db8::/32) or an address
  allow   admits calls from one, out of a larger network that is denied, or besides IP_ALLOWLIST
  remove  ends a rule before its time

TIME is a number of minutes, hours or days, such as 30m, 12h or 7d, and a year at most: what is to last goes into
IP_ALLOWLIST and IP_DENYLIST. A new rule replaces the one on the same network.`;

/** So many rules are read by every instance every 30 seconds, and kept in memory. */
const mostRules = 1000;

/** Runs a command on the rules in the database. @returns what to print @throws Error with a line to print */
export async function addresses(words: readonly string[], now = systemClock.now()): Promise<string[]> {
  const { command, network, seconds } = readWords(words);
  return asOperator(["addresses", ...words], now, async (call) => {
    if (command === "list") return list(createAddressAdministration(call.services.database.queries), now);
    if (command === "remove") return remove(call, network);
    return put(call, { network, verdict: command, created_at: now, expires_at: addSeconds(now, seconds) });
  });
}

type Command = "list" | "remove" | "allow" | "deny";

function readWords(words: readonly string[]): { command: Command; network: string; seconds: number } {
  let parsed;
  try {
    parsed = parseArgs({ args: [...words], options: { for: { type: "string" } }, allowPositionals: true });
  } catch {
    throw new Error(usage);
  }
  const [command = "", text = "", ...rest] = parsed.positionals;
  const { for: time } = parsed.values;
  const makesRule = command === "allow" || command === "deny";
  const isKnown = command === "list" ? text === "" : (makesRule || command === "remove") && text !== "";
  if (!isKnown || rest.length > 0 || makesRule !== (time !== undefined)) throw new Error(usage);
  return {
    command: command as Command,
    network: command === "list" ? "" : readNetwork(text),
    seconds: time === undefined ? 0 : readTime(time),
  };
}

function readNetwork(text: string): string {
  const network = parseNetwork(text);
  if (!network)
    throw new Error(`${text} is neither an address nor a network without host bits, such as 203.0.113.0/24`);
  return formatNetwork(network);
}

const secondsOf: Readonly<Record<string, number>> = { m: 60, h: 60 * 60, d: 24 * 60 * 60 };

function readTime(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsOf[unit] ?? 0);
  if (seconds < 60 || seconds > 365 * 24 * 60 * 60)
    throw new Error("--for takes a number of minutes, hours or days, such as 30m, 12h or 7d, and a year at most");
  return seconds;
}

type NewRule = Parameters<AddressAdministration["put"]>[0];

async function put({ services, ...call }: OperatorCall, rule: NewRule): Promise<string[]> {
  const { network, verdict, created_at: now, expires_at: expiresAt } = rule;
  await services.transaction(
    call,
    async (tx, queries) => {
      const store = createAddressAdministration(queries);
      await store.removeExpired(now);
      const others = (await store.list(now)).filter((other) => other.network !== network);
      if (others.length >= mostRules)
        throw new Error(`There are ${mostRules} rules already: remove some, or put lasting ones into IP_DENYLIST`);
      await store.put(rule);
      await tx.audit.append({ type: "address_rule.made", reason: verdict });
    },
    { isRepeatable: true },
  );
  const told = verdict === "deny" ? "denied" : "allowed";
  return [`${network} is ${told} until ${show(expiresAt)}; instances in use apply it within 30 seconds`];
}

async function list(store: AddressAdministration, now: Date): Promise<string[]> {
  const rules = await store.list(now);
  if (rules.length === 0) return ["no rules; the lists of the settings hold alone"];
  return rules.map(
    ({ network, verdict, created_at: createdAt, expires_at: expiresAt }) =>
      `${verdict.padEnd(5)}  ${network}  until ${show(expiresAt)}  made ${show(createdAt)}`,
  );
}

async function remove({ services, ...call }: OperatorCall, network: string): Promise<string[]> {
  const isRemoved = await services.transaction(
    call,
    async (tx, queries) => {
      if (!(await createAddressAdministration(queries).remove(network))) {
        await tx.audit.append(...tx.audit.earlier);
        return tx.audit.earlier.length > 0;
      }
      await tx.audit.append({ type: "address_rule.removed" });
      return true;
    },
    { isRepeatable: true },
  );
  if (!isRemoved) throw new Error(`There is no rule on ${network}; see npm run addresses -- list`);
  return [`the rule on ${network} is removed; instances in use notice within 30 seconds`];
}

if (import.meta.main) await runCommand(async () => console.log((await addresses(process.argv.slice(2))).join("\n")));
