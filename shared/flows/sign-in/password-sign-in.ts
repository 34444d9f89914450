import type { CallContext } from "../../context.ts";
import { refusing } from "../../audit/refusal.ts";
import { describeError, log } from "../../platform/log.ts";
import type { PasswordCredential } from "../../accounts/sign-in-queries.ts";
import type { ClaimedAccount, Claims } from "../../accounts/claims.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { CountedAttempt } from "../../sign-in-failures/store.ts";
import { deletionPending } from "./deletion-pending.ts";
import { refuseAtEvenTime } from "../even-time.ts";
import { admitAttempt, admitAttemptCodes } from "./admit-attempt.ts";
import { giveBack, orNoteFailure } from "./counted-attempt.ts";
import { complete, goOn, type SecondFactorDue } from "../mfa/second-factor-due.ts";
import { newSessionKeys, type PendingSignIn, type SessionKeys } from "./begin-session.ts";
import { lookAgain, lookAgainCodes } from "./compromised-password.ts";
import { prepareNotice } from "./new-device.ts";

export const signInWithPasswordCodes = [
  ...admitAttemptCodes,
  "INVALID_CREDENTIALS",
  "EMAIL_NOT_VERIFIED",
  "ACCOUNT_DELETION_PENDING",
  ...lookAgainCodes,
  "OVERLOADED",
] as const;

/**
 * Signs in with a password. Unknown address, wrong password and inactive account get the same answer after the same
 * work. Only the right password learns that the account is to be erased, or that the address is still to be proven: also
 * the password of a registration that waits, whether or not an account has the address; and that it is known from a
 * breach by now, if it could not be looked up when it was chosen. After too many failures on devices that the account
 * does not know, the right password from such a device is a wrong one. Where a second factor is due, the right password
 * begins no session and changes nothing else: the answer says how to go on.
 * @throws ApiError RATE_LIMITED during a delay, CAPTCHA_REQUIRED, CAPTCHA_UNAVAILABLE, INVALID_CREDENTIALS, EMAIL_NOT_VERIFIED,
 * ACCOUNT_DELETION_PENDING, PASSWORD_COMPROMISED, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function signInWithPassword(
  context: CallContext,
  request: PasswordSignIn,
): Promise<IssuedTokens | SecondFactorDue> {
  const signedIn = await refuseAtEvenTime(context.services.clock, () => authenticate(context, request));
  return complete(context, signedIn);
}

async function authenticate(
  context: CallContext,
  { email, password, replaces, device, captchaToken }: PasswordSignIn,
): Promise<PendingSignIn | SecondFactorDue> {
  const { services, now } = context;
  const authentication = { at: now, methods: ["pwd"] } as const;
  const keys = await newSessionKeys(context, { authentication, replaces, device });
  const claims = await services.accounts.findClaims(email, now, keys.device.hash);
  const { account } = claims;
  const claim = { email, password, account, device: keys.device };
  const attempt = await admitAttempt(context, claim, { action: "login", token: captchaToken });
  const tried = { email, password, claims, keys, attempt };
  const signedIn = await orNoteFailure(context, { email, account, attempt }, () => tryPassword(context, tried));
  if (account) await upgradeHash(context, account, password);
  return signedIn;
}

async function tryPassword(context: CallContext, tried: TriedPassword): Promise<PendingSignIn | SecondFactorDue> {
  const { services } = context;
  const { email, password, attempt, claims } = tried;
  const { account, registration } = claims;
  const verify = async (hash: string | null | undefined) =>
    (await services.passwords.verify(password, hash)) && !attempt.isClosed;
  // Whoever has registered the address knows that a registration waits: the answer must not tell them of an account.
  const isMatch = await verify(account?.passwordHash);
  const isWaiting = registration !== undefined && (await verify(registration.passwordHash));
  const who = account ? { accountId: account.accountId } : { email };
  const isUnproven = account?.isActive && !account.isVerified && services.config.accounts.isVerificationRequired;
  if (isMatch ? isUnproven : isWaiting) throw refuse("EMAIL_NOT_VERIFIED", { about: who });
  if (isMatch && account?.eraseAt) throw deletionPending(account.accountId, account.eraseAt);
  const signedIn = account && isMatch ? await signIn(context, account, tried) : undefined;
  // A second password was verified only if a registration waits: the even time of refusals hides it.
  if (!signedIn)
    throw refuse("INVALID_CREDENTIALS", { about: { reason: failure(account, { isMatch, ...attempt }), ...who } });
  return signedIn;
}

interface TriedPassword {
  readonly email: string;
  readonly password: string;
  readonly claims: Claims;
  readonly keys: SessionKeys;
  readonly attempt: CountedAttempt;
}

export interface PasswordSignIn {
  readonly email: string;
  readonly password: string;
  /** The refresh token of the session that the browser already has. */
  readonly replaces?: string | undefined;
  /** The token that the device sent. */
  readonly device?: string | undefined;
  /** The token of a solved captcha. */
  readonly captchaToken?: string | undefined;
}

const refuse = refusing(signInWithPasswordCodes);

function failure(
  credential: PasswordCredential | undefined,
  { isMatch, isClosed }: { isMatch: boolean; isClosed: boolean },
): string {
  if (!credential) return "unknown address";
  if (isClosed) return "after too many failures";
  return isMatch ? "inactive account, or password changed meanwhile" : "wrong password";
}

async function signIn(
  context: CallContext,
  credential: ClaimedAccount,
  { keys, attempt, password }: TriedPassword,
): Promise<PendingSignIn | SecondFactorDue | undefined> {
  const { services, now } = context;
  const isChecked = await lookAgain(context, { credential, password }).catch(async (error: unknown) => {
    // It was right: its owner must not wait.
    await giveBack(context, attempt);
    throw error;
  });
  const { isRequired: isMfaRequired } = services.config.mfa;
  const isTold = credential.isDeviceNew && credential.isActive && !credential.hasMfa && !isMfaRequired;
  const notice = isTold ? await prepareNotice(context, { mayLink: false }) : undefined;
  return services.transaction(
    context,
    async (tx) => {
      const account = await tx.accounts.recordPasswordSignIn({ ...credential, isMfaRequired }, now);
      if (account) await tx.signInFailures.reset(attempt);
      if (account && isChecked) await tx.accounts.notePasswordChecked(account.id);
      const { isDeviceKnown } = credential;
      return account && goOn(context, tx, { account, isDeviceKnown, ...keys, notice });
    },
    { isRepeatable: true },
  );
}

/** Rehashes the password if the parameters have changed since (ASVS 11.4.2): only now is the password known. */
async function upgradeHash({ services }: CallContext, credential: PasswordCredential, password: string): Promise<void> {
  const hash = credential.passwordHash;
  if (!hash) return;
  const isOutdated = services.passwords.isOutdated(hash);
  if (!isOutdated && credential.isCostNoted) return;
  try {
    const upgraded = isOutdated ? await services.passwords.hash(password) : hash;
    await services.accounts.upgradePasswordHash(credential, upgraded);
  } catch (error) {
    // The person is signed in anyway; the next sign-in tries again.
    log("warn", "password.upgrade_failed", { cause: describeError(error) });
  }
}
