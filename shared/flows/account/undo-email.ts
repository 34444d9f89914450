import { sessionsEnded } from "../../audit/audit.ts";
import { refusing } from "../../audit/refusal.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import type { Account } from "../../accounts/tables.ts";
import type { CallContext } from "../../context.ts";
import type { OneTimeToken } from "../../one-time-tokens/store.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { addSeconds } from "../../platform/clock.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import type { Transaction } from "../../stores.ts";
import { endOtherClaims } from "./prove-address.ts";

export const undoEmailCodes = ["TOKEN_INVALID_OR_EXPIRED", "EMAIL_ALREADY_REGISTERED"] as const;
const refuse = refusing(undoEmailCodes);

/** How long a change of the address can be undone at least: a later change or undo prolongs it. */
export const undoSeconds = 7 * 24 * 60 * 60;

/** The link that may still undo a change; undefined if there is none. */
export async function findUndo({ services, now }: CallContext, token: string): Promise<OneTimeToken | undefined> {
  const found = await services.oneTimeTokens.find({ token, purpose: "undo_email" }, now);
  return found?.state === "live" ? found : undefined;
}

/** An address that an account has again, and the token that chooses its new password. */
export interface Restored {
  readonly email: string;
  readonly resetToken: string;
}

/**
 * Gives an account back the address that it had before a change, and ends whatever a thief may have left on it: sessions,
 * password, identities, passkeys of since then, links in mails, later changes, a deletion. Tells the address that the account loses. An account
 * that has the old address without having proven it loses it.
 * @throws ApiError TOKEN_INVALID_OR_EXPIRED, EMAIL_ALREADY_REGISTERED if another account has proven the address since (the
 * link stays good), DATABASE_UNAVAILABLE
 */
export async function undoEmail(context: CallContext, text: string): Promise<Restored> {
  const { services } = context;
  const token = await findUndo(context, text);
  if (!token) throw refuse("TOKEN_INVALID_OR_EXPIRED");
  const { token: resetToken } = newOneTimeSecret();
  const mailId = newId(context.now);
  await services.mail.announce([mailId]);
  const work = { token, resetToken, mailId };
  await services.transaction(context, (tx) => restore(tx, work, context), { isRepeatable: true });
  return { email: token.email, resetToken };
}

async function restore(
  tx: Transaction,
  { token, resetToken, mailId }: { token: OneTimeToken; resetToken: string; mailId: string },
  context: CallContext,
): Promise<void> {
  const { now } = context;
  const { subjectId: accountId, email, emailNormalised } = token;
  const about = { accountId };
  if (!(await tx.oneTimeTokens.consume(token, now))) {
    const isOwn = tx.audit.earlier.length > 0 && (await tx.oneTimeTokens.findAgain(token, now))?.state === "used";
    if (!isOwn) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about });
    return tx.audit.append(...tx.audit.earlier);
  }
  const before = await tx.accounts.holdAccount(accountId);
  await tx.accounts.releaseUnproven({ email, except: accountId }, now);
  const restored = await tx.accounts.restoreAddress({ accountId, email }, now);
  // What has changed is rolled back: the link is still good once the other account has given the address up.
  if (restored === "taken") throw refuse("EMAIL_ALREADY_REGISTERED", { about });
  if (!before || !restored) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about });
  await tx.oneTimeTokens.endUndosAfter(accountId, token.issuedAt);
  // The undo itself may be a thief's: whoever had an earlier address gets the time to answer it.
  await tx.oneTimeTokens.prolongUndos(accountId, { now, until: addSeconds(now, undoSeconds) });
  await tx.oneTimeTokens.endAll(accountId);
  // The factors stay: a mailbox alone must not remove one. A passkey of since then is a way in that the thief may have made.
  const passkeys = await tx.passkeys.removeSince(accountId, token.issuedAt);
  await tx.mfa.challenges.endAll(accountId);
  await endOtherClaims(tx, email);
  await tx.suppressions.remove(emailNormalised);
  // What the thief signed in from is to be told again if it comes back.
  await tx.accounts.forgetDevices(accountId);
  const identities = await tx.identities.removeAll(accountId);
  const sessions = await tx.sessions.endAll({ accountId, reason: "address_undone" }, now);
  const reset = { purpose: "reset_password", secret: { token: resetToken }, subjectId: accountId } as const;
  await tx.oneTimeTokens.issue({ ...reset, email, emailNormalised }, now);
  await tellAddressLeft(tx, { before, restored: token, mailId }, context);
  const reason = "address restored";
  await tx.audit.append(
    { type: "account.email_change_undone", accountId },
    ...identities.map((provider) => ({ type: "identity.unlinked", reason, accountId, provider }) as const),
    ...Array.from({ length: passkeys }, () => ({ type: "passkey.removed", reason, accountId }) as const),
    ...sessionsEnded(sessions, { accountId, reason }),
  );
}

/** Tells the address that an account loses to an earlier one, without a link; unless it is only spelt differently. */
export async function tellAddressLeft(
  tx: Transaction,
  { before, restored, mailId }: { before: Account; restored: { emailNormalised: string }; mailId: string },
  { now, locale }: CallContext,
): Promise<void> {
  const { id: accountId, email: to, username } = before;
  if (to === null || normaliseEmail(to) === restored.emailNormalised) return;
  const mail = { id: mailId, template: "email_change_undone", to, accountId } as const;
  await tx.mail.post({ ...mail, locale: localeFor(before, locale), data: { username } }, now);
}
