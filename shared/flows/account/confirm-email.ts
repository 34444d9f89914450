import { refusing } from "../../audit/refusal.ts";
import type { Account } from "../../accounts/tables.ts";
import type { CallContext } from "../../context.ts";
import type { OneTimeToken } from "../../one-time-tokens/store.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { addSeconds } from "../../platform/clock.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import type { Transaction } from "../../stores.ts";
import { endOtherClaims } from "./prove-address.ts";

export const confirmEmailCodes = ["TOKEN_INVALID_OR_EXPIRED", "EMAIL_ALREADY_REGISTERED"] as const;
const refuse = refusing(confirmEmailCodes);

/** How long a change of the address can be undone. */
const undoSeconds = 7 * 24 * 60 * 60;

/** The link of a change that may still be confirmed; undefined if there is none. */
export async function findChange({ services, now }: CallContext, token: string): Promise<OneTimeToken | undefined> {
  const found = await services.oneTimeTokens.find({ token, purpose: "confirm_email" }, now);
  return found?.state === "live" ? found : undefined;
}

/**
 * Makes a new address the account's, on the strength of a mail to it. This ends all other links but undos, and mails the
 * old address a link that undoes it. Sessions go on.
 * @throws ApiError TOKEN_INVALID_OR_EXPIRED, EMAIL_ALREADY_REGISTERED if another account has the address by now (the link
 * stays good), DATABASE_UNAVAILABLE
 */
export async function confirmEmail(context: CallContext, text: string): Promise<void> {
  const { services, now } = context;
  const token = await findChange(context, text);
  if (!token) throw refuse("TOKEN_INVALID_OR_EXPIRED");
  const undo = { mailId: newId(now), secret: { token: newOneTimeSecret().token } };
  await services.mail.announce([undo.mailId]);
  await services.transaction(context, (tx) => change(tx, { context, token, undo }), { isRepeatable: true });
}

interface Change {
  readonly context: CallContext;
  readonly token: OneTimeToken;
  readonly undo: { readonly mailId: string; readonly secret: { readonly token: string } };
}

async function change(tx: Transaction, { context, token, undo }: Change): Promise<void> {
  const { now } = context;
  const { subjectId: accountId, email } = token;
  const about = { accountId };
  if (!(await tx.oneTimeTokens.consume(token, now))) {
    const isOwn = tx.audit.earlier.length > 0 && (await tx.oneTimeTokens.findAgain(token, now))?.state === "used";
    if (!isOwn) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about });
    return tx.audit.append(...tx.audit.earlier);
  }
  const before = await tx.accounts.holdAccount(accountId);
  const after = before && (await tx.accounts.changeAddress({ accountId, email }, now));
  // What has changed is rolled back, so that the link is good for as long as it would have been.
  if (after === "taken") throw refuse("EMAIL_ALREADY_REGISTERED", { about });
  if (!before || !after) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about });
  await tx.oneTimeTokens.endAll(accountId);
  await endOtherClaims(tx, email);
  await tx.suppressions.remove(normaliseEmail(email));
  if (before.email !== null) await offerUndo(tx, { account: before, email: before.email }, { context, token, undo });
  await tx.audit.append({ type: "account.email_changed", accountId });
}

/** Mails the old address a link that undoes the change: whoever made it may be a thief. */
async function offerUndo(
  tx: Transaction,
  { account, email }: { account: Account; email: string },
  { context, token, undo }: Change,
): Promise<void> {
  const { now, locale } = context;
  const { id: accountId, username } = account;
  const latest = await tx.oneTimeTokens.latestUndo(accountId);
  // Strictly after the undo of the change before: an undo ends those that came after it.
  const issuedAt = latest && latest.issuedAt >= now ? new Date(latest.issuedAt.getTime() + 1) : now;
  const issued = {
    purpose: "undo_email",
    secret: undo.secret,
    subjectId: accountId,
    lifetimeSeconds: undoSeconds,
  } as const;
  await tx.oneTimeTokens.issue({ ...issued, email, emailNormalised: normaliseEmail(email) }, issuedAt);
  const undoUntil = addSeconds(issuedAt, undoSeconds).toISOString();
  const data = { username, newEmail: token.email, token: undo.secret.token, undoUntil };
  const mail = { id: undo.mailId, template: "email_changed", to: email, accountId } as const;
  await tx.mail.post({ ...mail, locale: localeFor(account, locale), data }, now);
}
