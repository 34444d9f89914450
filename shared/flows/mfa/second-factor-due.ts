import type { Account } from "../../accounts/tables.ts";
import type { CallContext } from "../../context.ts";
import { challengeSeconds } from "../../mfa/challenges.ts";
import type { SecondFactor } from "../../mfa/store.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { Transaction } from "../../stores.ts";
import { hasPasskey, mayFollow } from "../passkeys/factor-options.ts";
import { takesMailedCode } from "./mail-code.ts";
import { beginSession, completeSignIn, type PendingSignIn, type SessionKeys } from "../sign-in/begin-session.ts";
import { isFactorRequired } from "./policy.ts";
import { signInRemembered } from "./remembered-devices.ts";

/** A sign-in whose first factor was right, and that waits for a second one. */
export interface SecondFactorDue {
  /** What the account has to show, or may enrol. */
  readonly due: readonly SecondFactor[];
  /** Whether a factor must be enrolled first, because the account has none. */
  readonly isEnrolment: boolean;
  /** By which the sign-in goes on. */
  readonly mfaToken: string;
  readonly expiresInSeconds: number;
  /** The only device that may go on. */
  readonly device: { readonly token: string };
}

/**
 * Goes on after a right first factor, in the transaction that has recorded it: begins a session, or where a second factor
 * is due and the device is not remembered, issues a challenge and changes nothing else.
 */
export async function goOn(
  context: CallContext,
  tx: Transaction,
  { isDeviceKnown, ...signIn }: SessionKeys & { account: Account; isDeviceKnown: boolean },
): Promise<PendingSignIn | SecondFactorDue> {
  const { services, now } = context;
  const { account, authentication, device, mfaToken, provider } = signIn;
  const hasNone = account.mfa_since === null;
  if (hasNone && !isFactorRequired(context)) return beginSession(context, tx, signIn);
  const remembered = await signInRemembered(context, tx, signIn);
  if (remembered) return remembered;
  const { id: accountId } = account;
  const { methods } = authentication;
  const passkeys = mayFollow(methods) && (await hasPasskey(context, tx, accountId)) ? ["passkey" as const] : [];
  const isMailed = passkeys.length === 0 && takesMailedCode(services.config, { account, methods });
  const mailed = isMailed ? ["email" as const] : [];
  const isEnrolment = hasNone && mailed.length === 0 && passkeys.length === 0;
  const purpose = isEnrolment ? "enrolment" : "sign_in";
  const first = { authenticatedAt: authentication.at, methods, provider };
  await tx.mfa.challenges.issue(
    { accountId, purpose, token: mfaToken, deviceHash: device.hash, isDeviceKnown, ...first },
    now,
  );
  await tx.audit.append({ type: "mfa.required", accountId, provider, reason: purpose });
  const due = isEnrolment
    ? (["totp"] as const)
    : [...(hasNone ? [] : await tx.mfa.secondFactors(accountId)), ...passkeys, ...mailed];
  return { due, isEnrolment, mfaToken, expiresInSeconds: challengeSeconds[purpose], device };
}

/**
 * Issues the tokens of a session that has begun.
 * @returns them, or the second factor that is due instead
 * @throws ApiError SIGNING_UNAVAILABLE, DATABASE_UNAVAILABLE or OVERLOADED: see `completeSignIn`
 */
export async function complete(
  context: CallContext,
  outcome: PendingSignIn | SecondFactorDue,
): Promise<IssuedTokens | SecondFactorDue> {
  return "due" in outcome ? outcome : completeSignIn(context, outcome);
}
