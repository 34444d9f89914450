import type { Account } from "../../accounts/tables.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Challenge } from "../../mfa/challenges.ts";
import { newTotpSecret, totpUri } from "../../mfa/totp.ts";
import type { TotpMatch } from "../../mfa/totp-queries.ts";
import { newId } from "../../platform/crypto/random.ts";
import { joined, type AuthenticationMethod } from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import {
  beginSession,
  completeSignIn,
  newSessionKeys,
  type PendingSignIn,
  type SessionKeys,
} from "../sign-in/begin-session.ts";
import { forgive } from "../sign-in/counted-attempt.ts";
import { noticeDue, NoticeDue, prepareNotice } from "../sign-in/new-device.ts";
import { beginMfa, endOtherAccess, type Enrolment } from "./authenticators.ts";
import { tellFactors } from "./notices.ts";

export const beginEnrolmentCodes = ["MFA_TOKEN_INVALID", "EMAIL_NOT_VERIFIED", "TOO_MANY_FACTORS"] as const;
export const completeEnrolmentCodes = [
  "MFA_TOKEN_INVALID",
  "EMAIL_NOT_VERIFIED",
  "MFA_CODE_INVALID",
  "NOT_FOUND",
  "OVERLOADED",
] as const;
const refuse = refusing([...beginEnrolmentCodes, ...completeEnrolmentCodes]);

/** Who goes on after a first factor that was not enough, without a factor to show. */
export interface Enrolling {
  readonly mfaToken: string;
  /** The token that the device sent. */
  readonly device: string | undefined;
}

/**
 * Begins to enrol the authenticator app that a sign-in waits for. As in a session, an address must be proven first.
 * @throws ApiError MFA_TOKEN_INVALID, EMAIL_NOT_VERIFIED, TOO_MANY_FACTORS or DATABASE_UNAVAILABLE
 */
export async function beginEnrolment(
  context: CallContext,
  { name, ...enrolling }: Enrolling & { readonly name: string | null },
): Promise<Enrolment> {
  const { services, now } = context;
  const { accountId } = await findChallenge(context, enrolling);
  const [id, secret] = [newId(now), newTotpSecret()];
  const account = await services.transaction(
    context,
    async (tx) => {
      const held = await tx.accounts.holdAccount(accountId);
      if (!held?.is_active || held.mfa_since !== null) throw refuse("MFA_TOKEN_INVALID", { about: { accountId } });
      requireProvenAddress(held);
      if (!(await tx.mfa.totp.add({ id, accountId, name, secret }, now)))
        throw refuse("TOO_MANY_FACTORS", { about: { accountId } });
      await tx.audit.append({ type: "factor.added", accountId, reason: "totp" });
      return held;
    },
    { isRepeatable: true },
  );
  const label = account.email ?? account.username;
  return { id, secret, uri: totpUri({ secret, issuer: services.config.product.name, label }) };
}

/**
 * Confirms the app by its first code, and completes the sign-in with it. Only while the account has no factor: otherwise
 * whoever has the first one could add their own.
 * @throws ApiError MFA_TOKEN_INVALID, EMAIL_NOT_VERIFIED, MFA_CODE_INVALID, NOT_FOUND if no such app waits to be confirmed,
 * OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function completeEnrolment(
  context: CallContext,
  { id, code, replaces, ...enrolling }: Enrolling & { id: string; code: string; replaces: string | undefined },
): Promise<IssuedTokens> {
  const { services, now } = context;
  const challenge = await findChallenge(context, enrolling);
  const { accountId, provider } = challenge;
  const factor = await services.mfa.totp.findUnconfirmed({ id, accountId }, now);
  if (!factor) throw refuse("NOT_FOUND", { about: { accountId } });
  // Whoever enrols knows the secret: there is nothing to guess.
  const match = services.mfa.totp.match([factor], code, now);
  if (!match) throw refuse("MFA_CODE_INVALID", { about: { accountId } });
  const methods = joined(challenge.methods as readonly AuthenticationMethod[], ["otp", "mfa"]);
  const authentication = { at: challenge.authenticatedAt, methods };
  const asked = { authentication, replaces, device: enrolling.device, ...(provider !== undefined && { provider }) };
  const keys = await newSessionKeys(context, asked);
  const work = { challenge, match, mailId: newId(now) };
  await services.mail.announce([work.mailId]);
  const signedIn = await confirmAndSignIn(context, { ...work, keys }).catch(async (error: unknown) => {
    if (!(error instanceof NoticeDue)) throw error;
    const notice = await prepareNotice(context, { mayLink: false });
    return confirmAndSignIn(context, { ...work, keys: { ...keys, notice } });
  });
  return completeSignIn(context, signedIn);
}

async function findChallenge(
  { services, now }: CallContext,
  { mfaToken, device: text }: Enrolling,
): Promise<Challenge> {
  const device = services.devices.recognise(text);
  const presented = device && { token: mfaToken, purpose: "enrolment" as const, deviceHash: device.hash };
  const challenge = presented && (await services.mfa.challenges.find(presented, now));
  if (!challenge) throw refuse("MFA_TOKEN_INVALID");
  return challenge;
}

interface Completion {
  readonly challenge: Challenge;
  readonly match: TotpMatch;
  readonly keys: SessionKeys;
  readonly mailId: string;
}

function confirmAndSignIn(
  context: CallContext,
  { challenge, match, keys, mailId }: Completion,
): Promise<PendingSignIn> {
  const { services, now } = context;
  const { accountId } = challenge;
  return services.transaction(
    context,
    async (tx) => {
      const held = await tx.accounts.holdAccount(accountId);
      const isOwnTrace =
        tx.audit.earlier.length > 0 && (await tx.sessions.findPrincipal(keys.sessionId, now)) !== undefined;
      if (held && isOwnTrace) return beginSession(context, tx, { account: held, ...keys });
      const isOpen = held?.mfa_since === null && (await tx.mfa.challenges.use(challenge, now));
      if (!isOpen) throw refuse("MFA_TOKEN_INVALID", { about: { accountId } });
      // Again: an earlier release began without asking.
      requireProvenAddress(held);
      if (!(await tx.mfa.totp.confirm({ ...match, accountId }, now)))
        throw refuse("NOT_FOUND", { about: { accountId } });
      const { notice } = await noticeDue(tx, { accountId, deviceHash: keys.device.hash, notice: keys.notice }, now);
      await beginMfa(tx, accountId, now);
      const account = await tx.accounts.recordMfaSignIn(accountId, now);
      if (!account) throw refuse("MFA_TOKEN_INVALID", { about: { accountId } });
      if (challenge.provider !== undefined) await forgive(context, tx, account);
      const [app] = await tx.mfa.totp.list(accountId);
      const data = { name: app?.name ?? "" };
      await tellFactors(context, tx, { account, id: mailId, template: "factor_added", data });
      await tx.audit.append({ type: "factor.confirmed", accountId, sessionId: keys.sessionId, reason: "totp" });
      const signedIn = await beginSession(context, tx, { account, ...keys, notice });
      // After the sign-in has replaced the browser's own session, and noted whether its token was stolen.
      await endOtherAccess(tx, { accountId, sessionId: keys.sessionId, deviceHash: keys.device.hash }, now);
      return signedIn;
    },
    { isRepeatable: true },
  );
}

/** @throws Refusal EMAIL_NOT_VERIFIED: whoever proves the address later takes the account over, and its factors would protect nobody */
function requireProvenAddress({ id: accountId, email, email_verified_at: provenAt }: Account): void {
  if (email !== null && provenAt === null) throw refuse("EMAIL_NOT_VERIFIED", { about: { accountId } });
}
