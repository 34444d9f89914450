import { refusing } from "../../audit/refusal.ts";
import type { Account } from "../../accounts/tables.ts";
import type { CallContext } from "../../context.ts";
import type { OneTimeToken } from "../../one-time-tokens/store.ts";
import type { Undo } from "../../one-time-tokens/subject-queries.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { addSeconds } from "../../platform/clock.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import type { Transaction } from "../../stores.ts";
import { endOtherClaims } from "./prove-address.ts";
import { tellAddressLeft, undoSeconds } from "./undo-email.ts";

export const confirmEmailCodes = ["TOKEN_INVALID_OR_EXPIRED", "EMAIL_ALREADY_REGISTERED"] as const;
const refuse = refusing(confirmEmailCodes);

/** The link of a change that may still be confirmed; undefined if there is none. */
export async function findChange({ services, now }: CallContext, token: string): Promise<OneTimeToken | undefined> {
  const found = await services.oneTimeTokens.find({ token, purpose: "confirm_email" }, now);
  return found?.state === "live" ? found : undefined;
}

/**
 * Makes a new address the account's, on the strength of a mail to it. This ends all other links but undos, and mails the
 * old address a link that undoes it; not if the new address is one that the account had, and could have been given back
 * by an undo. Sessions go on. An account that has the address without having proven it loses it.
 * @throws ApiError TOKEN_INVALID_OR_EXPIRED, EMAIL_ALREADY_REGISTERED if another account has proven the address by now (the link
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
  await tx.accounts.releaseUnproven({ email, except: accountId }, now);
  const after = before && (await tx.accounts.changeAddress({ accountId, email }, now));
  // What has changed is rolled back, so that the link is good for as long as it would have been.
  if (after === "taken") throw refuse("EMAIL_ALREADY_REGISTERED", { about });
  if (!before || !after) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about });
  await tx.oneTimeTokens.endAll(accountId);
  // A code that was mailed to the former address is nobody's any more.
  await tx.mfa.challenges.endAll(accountId);
  await endOtherClaims(tx, email);
  await tx.suppressions.remove(normaliseEmail(email));
  if (before.email !== null) await leaveAddress(tx, { account: before, email: before.email }, { context, token, undo });
  await tx.audit.append({ type: "account.email_changed", accountId });
}

/** An account as it was before the change. */
interface Former {
  readonly account: Account;
  readonly email: string;
}

/**
 * Offers the old address to undo the change: whoever made it may be a thief. A person who goes back to an address that an
 * undo would restore has done by hand what the undo does: the address in between, which may be a thief's, gets no way
 * back.
 */
async function leaveAddress(tx: Transaction, former: Former, made: Change): Promise<void> {
  const { token, context, undo } = made;
  const undos = await tx.oneTimeTokens.liveUndos(former.account.id, context.now);
  const earlier = undos.find(({ emailNormalised }) => emailNormalised === token.emailNormalised);
  if (!earlier) return offerUndo(tx, { ...former, latest: undos.at(-1) }, made);
  await tx.oneTimeTokens.endUndosAfter(former.account.id, earlier.issuedAt);
  await tellAddressLeft(tx, { before: former.account, restored: token, mailId: undo.mailId }, context);
}

async function offerUndo(
  tx: Transaction,
  { account, email, latest }: Former & { latest: Undo | undefined },
  { context, token, undo }: Change,
): Promise<void> {
  const { now, locale } = context;
  const { id: accountId, username } = account;
  // Strictly after the undo of the change before: an undo ends those that came after it.
  const issuedAt = latest && latest.issuedAt >= now ? new Date(latest.issuedAt.getTime() + 1) : now;
  const issued = {
    purpose: "undo_email",
    secret: undo.secret,
    subjectId: accountId,
    lifetimeSeconds: undoSeconds,
  } as const;
  await tx.oneTimeTokens.issue({ ...issued, email, emailNormalised: normaliseEmail(email) }, issuedAt);
  const until = addSeconds(issuedAt, undoSeconds);
  // Otherwise thieves could wait until the owner's link has expired, and then use the one to their own address.
  await tx.oneTimeTokens.prolongUndos(accountId, { now, until });
  const data = { username, newEmail: token.email, token: undo.secret.token, undoUntil: until.toISOString() };
  const mail = { id: undo.mailId, template: "email_changed", to: email, accountId } as const;
  await tx.mail.post({ ...mail, locale: localeFor(account, locale), data }, now);
}
