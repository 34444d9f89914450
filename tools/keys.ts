// npm run keys -- list | rotate [--now] | revoke KID [--yes] | shared: the keys that sign access tokens, by hand.
import { systemClock } from "../shared/platform/clock.ts";
import type { AuditEventType } from "../shared/audit/event-types.ts";
import { loadProcessConfig, type Config } from "../shared/config.ts";
import type { KeyRotation } from "../shared/tokens/keys/key-rotation.ts";
import { sharedKeyOf } from "../shared/tokens/keys/signing-keys.ts";
import { explainDatabaseFault } from "./database-fault.ts";
import { tellDoubtful } from "./doubtful-settings.ts";
import { asOperator, type OperatorCall } from "./operator.ts";
import { show } from "./report.ts";
import { runCommand } from "./run-command.ts";

const usage = "usage: npm run keys -- list | rotate [--now] | revoke KID [--yes] | shared";

/** What to print, and whether the command succeeded. */
export interface Report {
  readonly lines: readonly string[];
  readonly isGood: boolean;
}

const good = (...lines: string[]): Report => ({ lines, isGood: true });
const bad = (...lines: string[]): Report => ({ lines, isGood: false });

/** Runs a command on the keys in the configured database or vault. @throws Error with a line to print */
export async function keys(words: readonly string[], now = systemClock.now()): Promise<Report> {
  const isNow = words.includes("--now");
  const isMeant = words.includes("--yes");
  const [command, kid, ...rest] = words.filter((word) => word !== "--now" && word !== "--yes");
  const isKnown =
    (/^(?:list|shared)$/.test(command ?? "") && kid === undefined && !isNow && !isMeant) ||
    (command === "rotate" && kid === undefined && !isMeant) ||
    (command === "revoke" && kid !== undefined && !isNow);
  if (!isKnown || rest.length > 0) throw new Error(usage);
  if (command === "shared") return shared(tellDoubtful(loadProcessConfig()));
  return asOperator(["keys", ...words], now, async (call) => {
    const { rotation } = call.services.tokens;
    if (!rotation)
      return bad("ALGORITHM=HS256 signs with a key derived from SECRET_KEY, so there are no keys to manage");
    if (command === "list") return list(rotation, now);
    if (kid !== undefined) return revoke(call, rotation, { kid, isMeant });
    return isNow ? rotateNow(call, rotation) : rotate(call, rotation);
  });
}

/** The HS256 key as a JWK (RFC 7518, section 6.4): for APIs that verify tokens, and nobody else. */
function shared({ tokens: { algorithm }, service: { secretKey } }: Config): Report {
  if (algorithm !== "HS256")
    return bad(`ALGORITHM=${algorithm} has no shared key: verifiers get the public keys from /.well-known/jwks.json`);
  const key = sharedKeyOf(secretKey).toString("base64url");
  return good(JSON.stringify({ kty: "oct", use: "sig", alg: algorithm, k: key }));
}

async function list(rotation: KeyRotation, now: Date): Promise<Report> {
  const all = await rotation.list(now);
  if (all.length === 0) return good("no keys yet: the first sign-in creates one");
  return good(
    ...all.map(
      ({ row, state, signsFrom }) =>
        `${state.padEnd(8)} ${row.algorithm.padEnd(6)} ${row.kid}  created ${show(row.created_at)}, signs from ${show(signsFrom)}`,
    ),
  );
}

/**
 * Records what was done with a key. It may be in a vault, which no transaction of the database covers: the event follows
 * the change, and if it cannot be written, the command says so.
 */
async function recordKey({ services, ...call }: OperatorCall, type: AuditEventType, kid: string): Promise<void> {
  // The log takes longer ones for secrets.
  const event = { type, reason: `key ${kid.slice(0, 16)}` };
  try {
    await services.transaction(call, (tx) => tx.audit.append(event), { isRepeatable: true });
  } catch (error) {
    const fault = explainDatabaseFault(error);
    const why = fault instanceof Error ? fault.message : String(fault);
    throw new Error(`${kid}: it was done, but the audit log does not say so: ${why}`, { cause: error });
  }
}

async function rotate(call: OperatorCall, rotation: KeyRotation): Promise<Report> {
  const { kid, signsFrom, isNew } = await rotation.rotate(call.now);
  if (isNew) await recordKey(call, "key.published", kid);
  const lead = isNew ? "published" : "already published";
  return good(`${lead}  ${kid}  signs from ${show(signsFrom)}, when every cache has it`);
}

async function rotateNow(call: OperatorCall, rotation: KeyRotation): Promise<Report> {
  const { kid } = await rotation.rotateNow(call.now);
  await recordKey(call, "key.promoted", kid);
  return good(
    `current  ${kid}  signs once each instance has reloaded its keys, within 30 seconds`,
    "Verifiers with a cached key set reject its tokens until they refetch: API Management for up to 5 minutes,",
    "others for as long as they cache, often an hour. Older keys still verify.",
  );
}

async function revoke(
  call: OperatorCall,
  rotation: KeyRotation,
  { kid, isMeant }: { kid: string; isMeant: boolean },
): Promise<Report> {
  const { now } = call;
  const found = (await rotation.list(now)).find(({ row }) => row.kid === kid);
  if (!found) return bad(`There is no key ${kid}; see npm run keys -- list`);
  if (found.state === "revoked") return bad(`${kid} was already revoked at ${show(found.row.revoked_at ?? now)}`);
  if (!isMeant)
    return bad(
      `Revoking ${kid} (${found.state}) invalidates every access token it has signed: in this service within 30 seconds,`,
      "in verifiers with a cached key set when they refetch it. People stay signed in, because their apps refresh.",
      "Nothing was changed. To go ahead, add --yes",
    );
  const current = await rotation.revoke(kid, now);
  if (!current) return bad(`somebody else has just revoked ${kid}`);
  await recordKey(call, "key.revoked", kid);
  return good(
    `revoked  ${kid}`,
    `current  ${current.row.kid}`,
    "Each instance stops using the key once it has reloaded its keys, within 30 seconds. Anything that the revoked key signs until then is rejected.",
  );
}

if (import.meta.main)
  await runCommand(async () => {
    const { lines, isGood } = await keys(process.argv.slice(2));
    console[isGood ? "log" : "error"](lines.join("\n"));
    if (!isGood) process.exitCode = 1;
  });
