// npm run clients -- create --name N [--scope S] | list | unused --days N [--json] | rotate-secret ID | disable ID: the OAuth
// clients of this service.
import { parseArgs } from "node:util";
import type { AuditEventType } from "../shared/audit/event-types.ts";
import { hashClientSecret, isScope, parseScope } from "../shared/clients/client.ts";
import { createClientAdministration, type ClientAdministration } from "../shared/clients/administration.ts";
import { addSeconds, systemClock } from "../shared/platform/clock.ts";
import { newId, randomToken } from "../shared/platform/crypto/random.ts";
import { asOperator, type OperatorCall } from "./operator.ts";
import { readDays, show } from "./report.ts";
import { runCommand } from "./run-command.ts";

const usage =
  "usage: npm run clients -- create --name N [--scope S] | list | unused --days N [--json] | rotate-secret ID | disable ID";

/**
 * Runs a command on the clients in the configured database. @returns what to print @throws Error with a line to print
 */
export async function clients(words: readonly string[], now = systemClock.now()): Promise<string[]> {
  const { command, id, name, scope, days, isJson } = readWords(words);
  return asOperator(["clients", ...words], now, async (call) => {
    const store = createClientAdministration(call.services.database.queries);
    if (command === "list") return list(store);
    if (command === "unused") return unused(store, { days, isJson, now });
    if (command === "create") return create(call, { name, scope });
    if (command === "rotate-secret") return rotateSecret(call, id);
    return disable(call, id);
  });
}

function readWords(words: readonly string[]) {
  const options = {
    name: { type: "string" },
    scope: { type: "string" },
    days: { type: "string" },
    json: { type: "boolean" },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true });
  } catch {
    throw new Error(usage);
  }
  const [command = "", id = "", ...rest] = parsed.positionals;
  const { name, scope, days, json: isJson } = parsed.values;
  const isReport = days !== undefined || isJson !== undefined;
  const isBare = name === undefined && scope === undefined && !isReport;
  const isKnown =
    (command === "create" && id === "" && name !== undefined && !isReport) ||
    (command === "unused" && id === "" && name === undefined && scope === undefined && days !== undefined) ||
    (command === "list" && id === "" && isBare) ||
    (/^(?:rotate-secret|disable)$/.test(command) && id !== "" && isBare);
  if (!isKnown || rest.length > 0) throw new Error(usage);
  return {
    command,
    id,
    name: name ?? "",
    scope: scope ?? "",
    days: days === undefined ? 0 : readDays(days),
    isJson: isJson ?? false,
  };
}

async function create(call: OperatorCall, { name, scope }: { name: string; scope: string }): Promise<string[]> {
  const { now } = call;
  if (!/^[^\p{Cc}\p{Cs}]{1,100}$/u.test(name) || name.trim() === "")
    throw new Error("--name takes 1 to 100 characters, and no control characters");
  if (!isScope(scope))
    throw new Error("--scope takes words separated by spaces, up to 1000 characters, without quotes or backslashes");
  const secret = randomToken();
  const row = { id: newId(now), name, scope: parseScope(scope).join(" "), created_at: now };
  const made = { ...row, secret_hash: hashClientSecret(secret) };
  await change(call, { type: "client.created", id: row.id }, async (store) => (await store.create(made), true));
  return [JSON.stringify({ client_id: row.id, client_secret: secret, name, scope: row.scope })];
}

/** Changes a client and records it. @param work returns false or undefined if it changes nothing */
function change<T>(
  { services, ...call }: OperatorCall,
  { type, id }: { type: AuditEventType; id: string },
  work: (store: ClientAdministration) => Promise<T>,
): Promise<T> {
  return services.transaction(
    call,
    async (tx, queries) => {
      const result = await work(createClientAdministration(queries));
      if (result !== undefined && result !== false) await tx.audit.append({ type, clientId: id });
      return result;
    },
    { isRepeatable: true },
  );
}

async function list(store: ClientAdministration): Promise<string[]> {
  const all = await store.list();
  if (all.length === 0) return ["no clients yet; create one with npm run clients -- create --name N"];
  return all.map(({ id, name, scope, created_at: createdAt, disabled_at: disabledAt }) => {
    const state = disabledAt === null ? "enabled" : `disabled ${show(disabledAt)}`;
    return `${id}  ${state}  made ${show(createdAt)}  scope "${scope}"  ${name}`;
  });
}

/** How many clients were not used for so long, then each of them; as JSON an object a line. */
async function unused(
  store: ClientAdministration,
  { days, isJson, now }: { days: number; isJson: boolean; now: Date },
): Promise<string[]> {
  const found = await store.unusedSince(addSeconds(now, -days * 24 * 60 * 60));
  if (isJson) return [{ unused: found.length, days }, ...found].map((line) => JSON.stringify(line));
  const noun = found.length === 1 ? "enabled client has" : "enabled clients have";
  const lines = found.map(({ id, name, created_at: createdAt, last_used_at: usedAt }) => {
    const use = usedAt ? `last used ${show(usedAt)}` : "never used";
    return `${id}  made ${show(createdAt)}  ${use}  ${name}`;
  });
  return [`${found.length} ${noun} not been used for ${days} days`, ...lines];
}

async function rotateSecret(call: OperatorCall, id: string): Promise<string[]> {
  const found = await call.services.clients.find(id);
  if (!found) throw unknown(id);
  if (found.disabled_at !== null) throw new Error(`${id} is disabled, for good: create another client`);
  const secret = randomToken();
  const secretHash = hashClientSecret(secret);
  const rotated = { type: "client.secret_rotated", id: found.id } as const;
  if (!(await change(call, rotated, (store) => store.replaceSecret(id, secretHash)))) throw unknown(id);
  return [JSON.stringify({ client_id: id, client_secret: secret })];
}

async function disable(call: OperatorCall, id: string): Promise<string[]> {
  const disabled = { type: "client.disabled", id } as const;
  const revoked = await change(call, disabled, (store) => store.disable(id, call.now));
  if (revoked === undefined) throw unknown(id);
  return [`disabled ${id}: it gets no more tokens, and ${revoked} of its access tokens were revoked`];
}

const unknown = (id: string) => new Error(`There is no client ${id}; see npm run clients -- list`);

if (import.meta.main) await runCommand(async () => console.log((await clients(process.argv.slice(2))).join("\n")));
