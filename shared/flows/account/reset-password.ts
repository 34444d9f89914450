import { sessionsEnded } from "../../audit/audit.ts";
import { refusing } from "../../audit/refusal.ts";
import type { Account, HashedPassword } from "../../accounts/tables.ts";
import type { CallContext } from "../../context.ts";
import type { Device } from "../../devices/devices.ts";
import type { OneTimeToken } from "../../one-time-tokens/store.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import type { Transaction } from "../../stores.ts";
import { forgive } from "../sign-in/counted-attempt.ts";
import { requireGoodPassword, requireGoodPasswordCodes } from "./good-password.ts";
import { endOtherClaims, removeEarlierMethods } from "./prove-address.ts";

export const resetPasswordCodes = ["TOKEN_INVALID_OR_EXPIRED", ...requireGoodPasswordCodes, "OVERLOADED"] as const;
const refuse = refusing(resetPasswordCodes);

/** The link of a reset that may still be used; undefined if there is none. */
export async function findReset({ services, now }: CallContext, token: string): Promise<OneTimeToken | undefined> {
  const found = await services.oneTimeTokens.find({ token, purpose: "reset_password" }, now);
  return found?.state === "live" ? found : undefined;
}

/**
 * Gives an account the password that was chosen through a mailed link. This proves the address, ends all sessions and
 * all other links, makes strangers of all devices but the one that it is chosen on, and is told to the owner. A password that breaks the rule leaves the link good.
 * @param reset with what `findReset` found
 * @throws ApiError TOKEN_INVALID_OR_EXPIRED, VALIDATION_ERROR, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function resetPassword(context: CallContext, { found, password, device }: Reset): Promise<void> {
  const { services, now } = context;
  if (!found) throw refuse("TOKEN_INVALID_OR_EXPIRED");
  const { subjectId: accountId } = found;
  const { email } = found;
  // Only for the name, which the password must not be either.
  const owner = await services.accounts.findByEmail(email);
  const good = await requireGoodPassword(context, { password, email, username: owner?.username });
  const mailId = newId(now);
  const [passwordHash] = await Promise.all([services.passwords.hash(password), services.mail.announce([mailId])]);
  const work = { token: found, password: { passwordHash, ...good }, device: services.devices.present(device) };
  const isReset = await services.transaction(
    context,
    async (tx) => {
      const account = await use(tx, work, now);
      if (!account) return tx.audit.earlier.length > 0 && isOwnTrace(tx, { accountId, passwordHash });
      await forgive(context, tx, account);
      const locale = localeFor(account, context.locale);
      const mail = { id: mailId, template: "password_changed", to: account.email, accountId, locale } as const;
      await tx.mail.post({ ...mail, data: { username: account.username, isReset: true } }, now);
      return true;
    },
    { isRepeatable: true },
  );
  if (!isReset) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about: { accountId } });
}

export interface Reset {
  readonly found: OneTimeToken | undefined;
  readonly password: string;
  /** The token that the device sent, which stays known if it was. */
  readonly device: string | undefined;
}

/** @returns undefined if the token was used or ended in the meantime */
async function use(
  tx: Transaction,
  { token, password, device }: { token: OneTimeToken; password: HashedPassword<string>; device: Device },
  now: Date,
): Promise<Account | undefined> {
  const { subjectId: accountId, emailNormalised } = token;
  if (!(await tx.oneTimeTokens.consume(token, now))) return undefined;
  const reset = { accountId, emailNormalised, ...password };
  const proven = await tx.accounts.resetPassword({ ...reset, isProven: true }, now);
  const account = proven ?? (await tx.accounts.resetPassword({ ...reset, isProven: false }, now));
  // The account was deactivated, or has another address. What has changed is rolled back.
  if (!account) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about: { accountId } });
  await tx.oneTimeTokens.endAll(accountId);
  await tx.accounts.forgetDevices(accountId, device.hash);
  // Signing in takes the second factor as before.
  await tx.mfa.endSignIns(accountId);
  if (!proven) {
    // Whoever created the account may have been someone else (pre-hijacking).
    await endOtherClaims(tx, token.email);
    await removeEarlierMethods(tx, { accountId, provider: undefined }, now);
  }
  const ended = await tx.sessions.endAll({ accountId, reason: "password_changed" }, now);
  const event = { accountId, reason: "password reset" };
  await tx.audit.append({ type: "password.reset", accountId }, ...sessionsEnded(ended, event));
  return account;
}

/** Whether an earlier run of the transaction did it, whose commit went through although its answer was lost. */
async function isOwnTrace(
  tx: Transaction,
  { accountId, passwordHash }: { accountId: string; passwordHash: string },
): Promise<boolean> {
  const isOwn = (await tx.accounts.readPasswordHash(accountId)) === passwordHash;
  if (isOwn) await tx.audit.append(...tx.audit.earlier);
  return isOwn;
}
