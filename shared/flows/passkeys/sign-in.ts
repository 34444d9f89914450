import type { Account } from "../../accounts/tables.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { PasskeyFault, type ShownCredential } from "../../passkeys/credential.ts";
import { requestOptions } from "../../passkeys/options.ts";
import type { AuthenticationMethod } from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { Transaction } from "../../stores.ts";
import { refuseAtEvenTime } from "../even-time.ts";
import { complete, goOn, type SecondFactorDue } from "../mfa/second-factor-due.ts";
import { beginSession, newSessionKeys, type PendingSignIn, type SessionKeys } from "../sign-in/begin-session.ts";
import { forgive } from "../sign-in/counted-attempt.ts";
import { deletionPending, deletionPendingCodes } from "../sign-in/deletion-pending.ts";
import { noticeDue, NoticeDue, prepareNotice } from "../sign-in/new-device.ts";
import { placesOf } from "./passkey-domain.ts";
import { orNoteCountReversed, useUpPasskey, verifyPasskey, type ShownPasskey } from "./shown-passkey.ts";

export const signInWithPasskeyCodes = [
  "PASSKEY_INVALID",
  "PASSKEY_UNKNOWN",
  ...deletionPendingCodes,
  "OVERLOADED",
] as const;
const refuse = refusing(signInWithPasskeyCodes);

/** What a browser needs to ask for any passkey of this domain. Tells nothing of anybody. */
export function passkeySignInOptions(context: CallContext) {
  const { services, now } = context;
  const { rpId } = placesOf(context);
  const { challenge, id } = services.passkeys.challenges.issue(anybody, now);
  return { options: requestOptions({ rpId, challenge, passkeys: [] }), challenge_id: id };
}

const anybody = { kind: "sign_in", subject: "" } as const;

export interface PasskeySignIn {
  readonly challengeId: string;
  readonly credential: ShownCredential;
  /** The refresh token of the session that the browser already has. */
  readonly replaces: string | undefined;
  /** The token that the device sent. */
  readonly device: string | undefined;
}

/**
 * Signs in with a passkey alone. One whose authenticator has verified its user is two factors, and completes the sign-in;
 * another is a first factor. Whoever has not got the passkey's key learns nothing of it: an id that no account has, and one
 * that has not signed this, get the same answer after the same work.
 * @throws ApiError PASSKEY_INVALID, PASSKEY_UNKNOWN, ACCOUNT_DELETION_PENDING, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function signInWithPasskey(
  context: CallContext,
  request: PasskeySignIn,
): Promise<IssuedTokens | SecondFactorDue> {
  const signedIn = await refuseAtEvenTime(context.services.clock, () => authenticate(context, request));
  return complete(context, signedIn);
}

async function authenticate(
  context: CallContext,
  { challengeId, credential, replaces, device }: PasskeySignIn,
): Promise<PendingSignIn | SecondFactorDue> {
  const { rpId } = placesOf(context);
  const shown = await verifyPasskey(context, { credential, use: anybody }).catch((error: unknown) => {
    if (!(error instanceof PasskeyFault)) throw error;
    throw refuse("PASSKEY_INVALID", { about: { reason: error.message } });
  });
  if (!shown) {
    const details = { rp_id: rpId, credential_id: credential.id };
    throw refuse("PASSKEY_UNKNOWN", { details, about: { reason: "unknown passkey, or wrong signature" } });
  }
  const { accountId } = shown.passkey;
  if (shown.challenge.id !== challengeId)
    throw refuse("PASSKEY_INVALID", { about: { accountId, reason: "another challenge" } });
  const authentication = { at: context.now, methods: methodsOf(shown) };
  const keys = await newSessionKeys(context, { authentication, replaces, device });
  const reversed = () => refuse("PASSKEY_INVALID", { about: { accountId, reason: "the count runs backwards" } });
  return orNoteCountReversed(context, reversed, () =>
    signIn(context, { shown, keys }).catch(async (error: unknown) => {
      if (!(error instanceof NoticeDue)) throw error;
      return signIn(context, { shown, keys: { ...keys, notice: await prepareNotice(context, { mayLink: false }) } });
    }),
  );
}

/** In values of RFC 8176. An assertion always has a gesture of its user. */
export function methodsOf({ isTwoFactors }: ShownPasskey): readonly AuthenticationMethod[] {
  return isTwoFactors ? ["pop", "user", "mfa"] : ["pop", "user"];
}

interface Arrival {
  readonly shown: ShownPasskey;
  readonly keys: SessionKeys;
}

function signIn(context: CallContext, { shown, keys }: Arrival): Promise<PendingSignIn | SecondFactorDue> {
  const { services, now } = context;
  const { accountId } = shown.passkey;
  return services.transaction(
    context,
    async (tx) => {
      // Before anything changes: this sign-in must not count as an earlier one.
      const arrival = await noticeDue(tx, { accountId, deviceHash: keys.device.hash, notice: keys.notice }, now);
      const account = await enter(context, tx, shown);
      if (!(await useUpPasskey(tx, shown, { by: keys.sessionId, now })))
        throw refuse("PASSKEY_INVALID", {
          about: { accountId, reason: "the challenge was used before, or the passkey is gone" },
        });
      const isOver = shown.isTwoFactors || account.mfa_since === null;
      if (isOver) await forgive(context, tx, account);
      const signedIn = { account, ...keys, ...arrival };
      if (shown.isTwoFactors) return beginSession(context, tx, signedIn);
      const outcome = await goOn(context, tx, signedIn);
      // Whoever finds a security key must not add an app with it that its owner is then asked for.
      if ("due" in outcome && outcome.isEnrolment)
        throw refuse("PASSKEY_INVALID", { about: { accountId, reason: "no second factor may follow this passkey" } });
      return outcome;
    },
    { isRepeatable: true },
  );
}

/** Records the sign-in. Who has the key may know what has become of the account. */
async function enter(context: CallContext, tx: Transaction, shown: ShownPasskey): Promise<Account> {
  const { services, now } = context;
  const { isTwoFactors, passkey } = shown;
  const { accountId } = passkey;
  const { isRequired: isMfaRequired } = services.config.mfa;
  const account = isTwoFactors
    ? await tx.accounts.recordStrongSignIn(accountId, now)
    : await tx.accounts.recordProviderSignIn({ accountId, isMfaRequired }, now);
  const isProven = account && (account.email === null || account.email_verified_at !== null);
  if (isProven) return account;
  const eraseAt = account ? undefined : await tx.accounts.readEraseTime(accountId);
  if (eraseAt) throw deletionPending(accountId, eraseAt);
  throw refuse("PASSKEY_INVALID", { about: { accountId, reason: "inactive account, or an unproven address" } });
}
