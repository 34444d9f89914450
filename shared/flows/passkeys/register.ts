import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { verifyAttestation, type VerifiedCredential } from "../../passkeys/attestation.ts";
import type { ChallengeUse, OpenedChallenge } from "../../passkeys/challenges.ts";
import { PasskeyFault, readClientData, type CreatedCredential } from "../../passkeys/credential.ts";
import { creationOptions, namesOf } from "../../passkeys/options.ts";
import { mostPasskeys } from "../../passkeys/upkeep-queries.ts";
import { newId } from "../../platform/crypto/random.ts";
import { isFresh, reauthenticationRequired } from "../../sessions/authentication.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { Transaction } from "../../stores.ts";
import { requireLiveSession, requireLiveSessionCodes } from "../account/live-session.ts";
import { tellFactors } from "../mfa/notices.ts";
import { placesOf } from "./passkey-domain.ts";

export const passkeyOptionsCodes = ["EMAIL_NOT_VERIFIED", "TOO_MANY_PASSKEYS", "REAUTHENTICATION_REQUIRED"] as const;
export const addPasskeyCodes = [...passkeyOptionsCodes, "PASSKEY_INVALID", ...requireLiveSessionCodes] as const;
const refuse = refusing(addPasskeyCodes);

/**
 * What the browser of a session needs to make a passkey. An address must be proven first, as for an app: whoever proves it
 * later takes the account over.
 * @param isConditional whether the browser makes it by itself, because the person has just signed in with a password
 * @throws ApiError EMAIL_NOT_VERIFIED, TOO_MANY_PASSKEYS, REAUTHENTICATION_REQUIRED or DATABASE_UNAVAILABLE
 */
export async function passkeyOptions(
  context: CallContext,
  principal: Principal,
  { isConditional }: { isConditional: boolean },
): Promise<ReturnType<typeof creationOptions>> {
  const { services, now } = context;
  const { account, sessionId } = principal;
  const { rpId } = placesOf(context);
  requireProven(principal);
  if (isConditional) requirePassword(context, principal);
  const passkeys = await services.passkeys.list(account.id);
  if (passkeys.length >= mostPasskeys) throw refuse("TOO_MANY_PASSKEYS");
  const handle = await services.passkeys.userHandle(account.id);
  const kind = isConditional ? "conditional_create" : "create";
  const { challenge } = services.passkeys.challenges.issue({ kind, subject: sessionId }, now);
  const user = { handle, ...namesOf(account) };
  return creationOptions({ rp: { id: rpId, name: services.config.product.name }, user, challenge, passkeys });
}

/**
 * Adds a passkey that the session's browser has made. Whoever has not got the answer may send the same once more: a
 * passkey that the account has stays as it is.
 * @throws ApiError EMAIL_NOT_VERIFIED, TOO_MANY_PASSKEYS, REAUTHENTICATION_REQUIRED, PASSKEY_INVALID, UNAUTHENTICATED if the
 * session has ended in the meantime, or DATABASE_UNAVAILABLE
 */
export async function addPasskey(
  context: CallContext,
  principal: Principal,
  { credential, name }: { credential: CreatedCredential; name: string | null },
): Promise<void> {
  const { services, now } = context;
  requireProven(principal);
  const { challenge, verified } = await verify(context, principal, credential).catch((error: unknown) => {
    if (!(error instanceof PasskeyFault)) throw error;
    throw refuse("PASSKEY_INVALID", { about: { reason: error.message } });
  });
  const [passkeyId, callId, mailId] = [newId(now), newId(now), newId(now)];
  await services.mail.announce([mailId]);
  const adding = { challenge, verified, passkeyId, callId, mailId, name };
  await services.transaction(context, (tx) => add(context, tx, { ...adding, principal }), { isRepeatable: true });
}

interface Addition {
  readonly principal: Principal;
  readonly challenge: OpenedChallenge;
  readonly verified: VerifiedCredential;
  readonly passkeyId: string;
  readonly callId: string;
  readonly mailId: string;
  readonly name: string | null;
}

async function add(context: CallContext, tx: Transaction, addition: Addition): Promise<void> {
  const { now } = context;
  const { principal, challenge, verified, passkeyId: id, callId, mailId, name } = addition;
  const { account, sessionId } = principal;
  const accountId = account.id;
  await tx.accounts.lock(accountId);
  await requireLiveSession(tx, { accountId, sessionId }, now);
  const known = await tx.passkeys.find(verified.credentialId);
  // Its id alone is no secret.
  const isOwn = known?.accountId === accountId && known.publicKey.equals(verified.publicKey);
  if (isOwn && known.id !== id) return;
  if (known && !isOwn) throw refuse("PASSKEY_INVALID", { about: { reason: "the credential is known" } });
  if (!(await tx.passkeys.useChallenge(challenge, callId)))
    throw refuse("PASSKEY_INVALID", { about: { reason: "the challenge was used before" } });
  if (!known) {
    if ((await tx.passkeys.list(accountId)).length >= mostPasskeys) throw refuse("TOO_MANY_PASSKEYS");
    if (!(await tx.passkeys.add({ ...verified, id, accountId, name }, now)))
      throw refuse("PASSKEY_INVALID", { about: { reason: "the credential is known" } });
  }
  await tx.mfa.rememberedDevices.endAll(accountId);
  await tellFactors(context, tx, { account, id: mailId, template: "passkey_added", data: { name: name ?? "" } });
  const reason = challenge.kind === "conditional_create" ? "by the browser" : undefined;
  await tx.audit.append({ type: "passkey.added", accountId, sessionId, reason });
}

async function verify(context: CallContext, principal: Principal, credential: CreatedCredential) {
  const { services, now } = context;
  const places = placesOf(context);
  const clientData = { type: "webauthn.create", origins: places.origins } as const;
  const { challenge: text } = readClientData(credential.response.clientDataJSON, clientData);
  const subject = principal.sessionId;
  const uses: ChallengeUse[] = [
    { kind: "create", subject },
    { kind: "conditional_create", subject },
  ];
  const challenge = services.passkeys.challenges.open(text, uses, now);
  if (!challenge) throw new PasskeyFault("the challenge is not ours, or has expired");
  const isConditional = challenge.kind === "conditional_create";
  if (isConditional) requirePassword(context, principal);
  return { challenge, verified: await verifyAttestation(credential, { ...places, challenge: text, isConditional }) };
}

function requireProven({ account }: Principal): void {
  if (account.email !== null && account.email_verified_at === null) throw refuse("EMAIL_NOT_VERIFIED");
}

/** A browser that makes a passkey by itself has asked nobody: a password must have been typed just now. */
function requirePassword({ now }: CallContext, { authentication: { at, methods } }: Principal): void {
  if (!methods.includes("pwd") || !isFresh(at, conditionalSeconds, now))
    throw reauthenticationRequired({ maxAgeSeconds: conditionalSeconds });
}

/** How long after a password a browser may make a passkey by itself. */
const conditionalSeconds = 5 * 60;
