import type { AddressHolder } from "../../accounts/address-queries.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import type { NotedAttempt } from "../../accounts/registration-attempts.ts";
import type { CallContext } from "../../context.ts";
import type { OutgoingMail } from "../../mail/message.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { newId } from "../../platform/crypto/random.ts";
import { invalidField } from "../../platform/errors/api-error.ts";
import { localeFor } from "../../platform/locale.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { requireLiveSession, requireLiveSessionCodes } from "./live-session.ts";

export const requestEmailChangeCodes = ["VALIDATION_ERROR", ...requireLiveSessionCodes] as const;

export interface EmailChangeRequest {
  readonly principal: Principal;
  readonly email: string;
}

/**
 * Mails a link to a new address, and tells the old one. If another account has proven the address, its owner gets a
 * notice in place of the link, at most one an hour, and all else is alike: whoever asks learns nothing. An active account
 * that has it unproven loses it to whoever confirms the link.
 * @throws ApiError VALIDATION_ERROR for the account's own address, UNAUTHENTICATED if the session has ended in the
 * meantime, DATABASE_UNAVAILABLE
 */
export async function requestEmailChange(
  context: CallContext,
  { principal: { account, sessionId }, email }: EmailChangeRequest,
): Promise<void> {
  const { services, now } = context;
  const accountId = account.id;
  const to = email.trim();
  if (to === account.email) throw invalidField("email", "is the account's address already");
  const { token } = newOneTimeSecret();
  const [letterId, noticeId] = [newId(now), newId(now)];
  const { username } = account;
  const locale = localeFor(account, context.locale);
  const own = { accountId, locale };
  const link: OutgoingMail = { id: letterId, template: "confirm_email", to, ...own, data: { username, token } };
  const notice = { id: noticeId, template: "email_change_requested", to: account.email, ...own } as const;
  await services.mail.announce([letterId, noticeId]);
  await services.transaction(
    context,
    async (tx) => {
      await tx.accounts.lock(accountId);
      await requireLiveSession(tx, { accountId, sessionId }, now);
      const attempt = await tx.accounts.noteRegistrationAttempt({ email, noticeId: letterId }, now);
      const issued = { purpose: "confirm_email", secret: { token }, subjectId: accountId } as const;
      // Also if nobody is sent it: the same statements for every address.
      await tx.oneTimeTokens.issue({ ...issued, email: to, emailNormalised: normaliseEmail(to) }, now);
      const isFree = !attempt || attempt.holder.accountId === accountId || isUnproven(attempt.holder);
      await tx.mail.post(isFree ? link : noticeTo(attempt, { id: letterId, context }), now);
      await tx.mail.post({ ...notice, data: { username, newEmail: to } }, now);
      await tx.audit.append({ type: "account.email_change_requested", accountId, sessionId });
    },
    { isRepeatable: true },
  );
}

/** Whether an account has its address without having shown that it is its own. */
const isUnproven = ({ isActive, isVerified }: AddressHolder): boolean => isActive && !isVerified;

/** Tells the owner of an address that someone wants it; a mail to nobody if they were told lately. */
function noticeTo(
  { holder, isDue }: NotedAttempt,
  { id, context }: { id: string; context: CallContext },
): OutgoingMail {
  const { accountId, email, username } = holder;
  const locale = localeFor(holder, context.locale);
  return { id, template: "already_registered", to: isDue ? email : null, accountId, locale, data: { username } };
}
