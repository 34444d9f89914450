import type { Claims } from "../../accounts/claims.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import { presentableName } from "../../accounts/profile.ts";
import type { CallContext } from "../../context.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Transaction } from "../../stores.ts";

/**
 * Whether several wait for an address to be proven, so that a mail that anyone may ask for cannot tell whose it
 * completes.
 */
export function isContested({ account, registration, hasOthers }: Claims): boolean {
  return hasOthers || (registration !== undefined && account !== undefined);
}

/** A name for the account of an address that says nothing that a stranger has chosen. */
export function neutralName(email: string): string {
  return presentableName(email.slice(0, email.lastIndexOf("@"))) ?? "Account";
}

/** Undoes a transaction that gives somebody an account without a password: it runs again with the mail that they need. */
export class PasswordDue extends Error {}

/** Made outside the transaction, so that it can be repeated. */
export interface FirstPassword {
  readonly accountId: string;
  readonly mailId: string;
  readonly token: string;
}

/** Prepares the account and the mail that chooses its password. */
export async function prepareFirstPassword({ services, now }: CallContext): Promise<FirstPassword> {
  const mailId = newId(now);
  await services.mail.announce([mailId]);
  return { accountId: newId(now), mailId, token: newOneTimeSecret().token };
}

/** Mails a link to choose a password to the person who has just proven an address. */
export async function postFirstPassword(
  { now, locale }: CallContext,
  tx: Transaction,
  { accountId, email, first: { mailId: id, token } }: { accountId: string; email: string; first: FirstPassword },
): Promise<void> {
  const reset = { purpose: "reset_password", secret: { token }, subjectId: accountId } as const;
  await tx.oneTimeTokens.issue({ ...reset, email, emailNormalised: normaliseEmail(email) }, now);
  const data = { username: neutralName(email), token };
  await tx.mail.post({ id, template: "reset_password", to: email, accountId, locale, data }, now);
}
