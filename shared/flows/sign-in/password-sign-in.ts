import type { CallContext } from "../../context.ts";
import { refusing } from "../../audit/refusal.ts";
import { describeError, log } from "../../platform/log.ts";
import type { PasswordCredential } from "../../accounts/sign-in-queries.ts";
import type { ClaimedAccount } from "../../accounts/claims.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import { deletionPending } from "./deletion-pending.ts";
import { beginSession, completeSignIn, newSessionKeys, type PendingSignIn, type SessionKeys } from "./begin-session.ts";
import { prepareNotice } from "./new-device.ts";

export const signInWithPasswordCodes = [
  "INVALID_CREDENTIALS",
  "EMAIL_NOT_VERIFIED",
  "ACCOUNT_DELETION_PENDING",
  "OVERLOADED",
] as const;

/**
 * Signs in with a password. Unknown address, wrong password and inactive account get the same answer after the same
 * work. Only the right password learns that the address is still to be proven, or that the account is to be erased.
 * @throws ApiError INVALID_CREDENTIALS, EMAIL_NOT_VERIFIED, ACCOUNT_DELETION_PENDING, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function signInWithPassword(
  context: CallContext,
  { email, password, replaces, device }: PasswordSignIn,
): Promise<IssuedTokens> {
  const { services, now } = context;
  const authentication = { at: now, methods: ["pwd"] } as const;
  const keys = await newSessionKeys(context, { authentication, replaces, device });
  const { account, registration } = await services.accounts.findClaims(email, now, keys.device.hash);
  const { isVerificationRequired } = services.config.accounts;
  // Whatever the address leads to, one hash is verified.
  const isWaiting = registration !== undefined && !(account && (account.isVerified || !isVerificationRequired));
  const credential = isWaiting ? undefined : account;
  const isMatch = await services.passwords.verify(
    password,
    isWaiting ? registration.passwordHash : account?.passwordHash,
  );
  const isUnproven = isWaiting || (account?.isActive === true && !account.isVerified && isVerificationRequired);
  if (isMatch && isUnproven) throw refuse("EMAIL_NOT_VERIFIED", { about: { email } });
  if (isMatch && credential?.eraseAt) throw deletionPending(credential.accountId, credential.eraseAt);
  const signedIn = credential && isMatch ? await signIn(context, { credential, keys }) : undefined;
  if (!credential || !signedIn) {
    const who = credential ? { accountId: credential.accountId } : { email };
    throw refuse("INVALID_CREDENTIALS", { about: { reason: failure(credential, isMatch), ...who } });
  }
  await upgradeHash(context, credential, password);
  return completeSignIn(context, signedIn);
}

export interface PasswordSignIn {
  readonly email: string;
  readonly password: string;
  /** The refresh token of the session that the browser already has. */
  readonly replaces?: string | undefined;
  /** The token that the device sent. */
  readonly device?: string | undefined;
}

const refuse = refusing(signInWithPasswordCodes);

function failure(credential: PasswordCredential | undefined, isMatch: boolean): string {
  if (!credential) return "unknown address";
  return isMatch ? "inactive account, or password changed meanwhile" : "wrong password";
}

async function signIn(
  context: CallContext,
  { credential, keys }: { credential: ClaimedAccount; keys: SessionKeys },
): Promise<PendingSignIn | undefined> {
  const { services, now } = context;
  const isTold = credential.isDeviceNew && credential.isActive;
  const notice = isTold ? await prepareNotice(context) : undefined;
  return services.transaction(
    context,
    async (tx) => {
      const account = await tx.accounts.recordPasswordSignIn(credential, now);
      return account && beginSession(context, tx, { account, ...keys, notice });
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
