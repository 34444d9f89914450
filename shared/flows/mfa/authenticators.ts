import type { Account } from "../../accounts/tables.ts";
import { sessionsEnded } from "../../audit/audit.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { newTotpSecret, totpUri } from "../../mfa/totp.ts";
import { mostFactors } from "../../mfa/totp-queries.ts";
import { newId } from "../../platform/crypto/random.ts";
import { joined, withoutSecondFactor } from "../../sessions/authentication.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { Transaction } from "../../stores.ts";
import { requireLiveSession, requireLiveSessionCodes, type Owner } from "../account/live-session.ts";
import { tellFactors } from "./notices.ts";

export const addAuthenticatorCodes = ["EMAIL_NOT_VERIFIED", "TOO_MANY_FACTORS", ...requireLiveSessionCodes] as const;
export const confirmAuthenticatorCodes = [
  "NOT_FOUND",
  "MFA_CODE_INVALID",
  "TOO_MANY_FACTORS",
  ...requireLiveSessionCodes,
] as const;
export const removeAuthenticatorCodes = ["NOT_FOUND", ...requireLiveSessionCodes] as const;
const refuse = refusing([...addAuthenticatorCodes, ...confirmAuthenticatorCodes]);

/** An authenticator app that is being enrolled: what it must be told. */
export interface Enrolment {
  readonly id: string;
  /** In base32, to type it. */
  readonly secret: string;
  /** The same with all else that an app wants to know. */
  readonly uri: string;
}

/**
 * Begins to enrol an authenticator app. It counts once its first code has confirmed it. An address must be proven first:
 * whoever proves it later takes the account over, and its factors would protect nobody.
 * @throws ApiError EMAIL_NOT_VERIFIED, TOO_MANY_FACTORS, UNAUTHENTICATED if the session has ended in the meantime, or DATABASE_UNAVAILABLE
 */
export async function addAuthenticator(
  context: CallContext,
  principal: Principal,
  name: string | null,
): Promise<Enrolment> {
  const { services, now } = context;
  const { account, sessionId } = principal;
  const accountId = account.id;
  if (account.email !== null && account.email_verified_at === null) throw refuse("EMAIL_NOT_VERIFIED");
  const [id, secret] = [newId(now), newTotpSecret()];
  await services.transaction(
    context,
    async (tx) => {
      await hold(tx, principal, now);
      if (!(await tx.mfa.totp.add({ id, accountId, name, secret }, now))) throw refuse("TOO_MANY_FACTORS");
      await tx.audit.append({ type: "factor.added", accountId, sessionId, reason: "totp" });
    },
    { isRepeatable: true },
  );
  const label = account.email ?? account.username;
  return { id, secret, uri: totpUri({ secret, issuer: services.config.product.name, label }) };
}

/** The first code of an app, and where it was typed. */
export interface Confirmation {
  readonly id: string;
  readonly code: string;
  /** The token that the device sent, which stays known if it was. */
  readonly device: string | undefined;
}

/**
 * Confirms an app by its first code. From the first one on, signing in takes a second factor; the session that has
 * confirmed it has shown one, and says so from its next access token on. All that came about without one ends.
 * @throws ApiError NOT_FOUND if no such app waits to be confirmed, MFA_CODE_INVALID, TOO_MANY_FACTORS, UNAUTHENTICATED if the
 * session has ended in the meantime, or DATABASE_UNAVAILABLE
 */
export async function confirmAuthenticator(
  context: CallContext,
  principal: Principal,
  { id, code, device }: Confirmation,
): Promise<void> {
  const { services, now } = context;
  const { account, sessionId, authentication } = principal;
  const accountId = account.id;
  const factor = await services.mfa.totp.findUnconfirmed({ id, accountId }, now);
  if (!factor) throw refuse("NOT_FOUND");
  const match = services.mfa.totp.match([factor], code, now);
  if (!match) throw refuse("MFA_CODE_INVALID");
  const mailId = newId(now);
  const { hash: deviceHash } = services.devices.present(device);
  await services.mail.announce([mailId]);
  await services.transaction(context, async (tx) => {
    const { mfa_since: since } = await hold(tx, principal, now);
    if (!(await tx.mfa.totp.confirm({ ...match, accountId }, now))) {
      const isFull = (await tx.mfa.totp.list(accountId)).length >= mostFactors;
      throw refuse(isFull ? "TOO_MANY_FACTORS" : "NOT_FOUND");
    }
    if (since === null) {
      await beginMfa(tx, accountId, now);
      await endOtherAccess(tx, { accountId, sessionId, deviceHash }, now);
    }
    await tx.mfa.endSignIns(accountId);
    // Whoever confirms an app is signed in: guesses of others need not close it.
    await tx.signInFailures.forgetSecondFactors(accountId);
    const methods = joined(authentication.methods, ["otp", "mfa"]);
    await tx.sessions.noteAuthentication(sessionId, { at: authentication.at, methods });
    const name = (await tx.mfa.totp.list(accountId)).find((app) => app.id === id)?.name ?? "";
    await tellFactors(context, tx, { account, id: mailId, template: "factor_added", data: { name } });
    await tx.audit.append({ type: "factor.confirmed", accountId, sessionId, reason: "totp" });
  });
}

/**
 * Removes an app, and ends the other sessions: whoever has the lost phone may have one. With the last app, all else ends
 * that belongs to the second factor; what this session has shown of it, too, from its next access token on.
 * @throws ApiError NOT_FOUND, UNAUTHENTICATED if the session has ended in the meantime, or DATABASE_UNAVAILABLE
 */
export async function removeAuthenticator(context: CallContext, principal: Principal, id: string): Promise<void> {
  const { services, now } = context;
  const { account, sessionId, authentication } = principal;
  const accountId = account.id;
  const mailId = newId(now);
  await services.mail.announce([mailId]);
  await services.transaction(context, async (tx) => {
    await hold(tx, principal, now);
    const removed = await tx.mfa.totp.remove({ id, accountId });
    if (!removed) throw refuse("NOT_FOUND");
    const isLast = !(await tx.mfa.totp.hasAny(accountId));
    await tx.mfa.rememberedDevices.endAll(accountId);
    if (isLast) {
      await endMfa(tx, accountId);
      const methods = withoutSecondFactor(authentication.methods);
      await tx.sessions.noteAuthentication(sessionId, { at: authentication.at, methods });
    }
    const ended = await tx.sessions.endAll({ accountId, except: [sessionId], reason: "way_removed" }, now);
    const data = { name: removed.name ?? "", isLast };
    await tellFactors(context, tx, { account, id: mailId, template: "factor_removed", data });
    await tx.audit.append(...sessionsEnded(ended, { accountId, reason: "factor removed" }), {
      type: "factor.removed",
      accountId,
      sessionId,
      reason: isLast ? "totp, the last one" : "totp",
    });
  });
}

/**
 * Begins to ask an account for a second factor, in the transaction that has locked its row and confirmed the first one. Links
 * in mails end, but undos: they were asked for without one. Travels with the next statement.
 */
export async function beginMfa(tx: Transaction, accountId: string, now: Date): Promise<void> {
  await tx.accounts.setMfaSince(accountId, now);
  await tx.oneTimeTokens.endAll(accountId);
}

/**
 * Ends the other sessions of an account that has its first factor now, and forgets its other devices: a thief may have them,
 * against whom it was added.
 */
export async function endOtherAccess(
  tx: Transaction,
  { accountId, sessionId, deviceHash }: Owner & { deviceHash: Buffer },
  now: Date,
): Promise<void> {
  await tx.accounts.forgetDevices(accountId, deviceHash);
  const ended = await tx.sessions.endAll({ accountId, except: [sessionId], reason: "factor_added" }, now);
  await tx.audit.append(...sessionsEnded(ended, { accountId, reason: "factor added" }));
}

/** Ends all that belongs to an account's second factors, in the transaction that has locked its row. Travels with the next statement. */
export async function endMfa(tx: Transaction, accountId: string): Promise<void> {
  await tx.mfa.removeAll(accountId);
  await tx.accounts.setMfaSince(accountId, null);
  await tx.signInFailures.forgetSecondFactors(accountId);
}

/** Locks the account's row, as a sign-in does, and checks the session again. @returns the account */
async function hold(
  tx: Transaction,
  { account: { id: accountId }, sessionId }: Principal,
  now: Date,
): Promise<Account> {
  await tx.accounts.lock(accountId);
  return requireLiveSession(tx, { accountId, sessionId }, now);
}
