import type { Claims } from "../../accounts/claims.ts";
import type { CallContext } from "../../context.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { subjectOfAddress } from "../../one-time-tokens/subjects.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import { isContested, neutralName } from "./contested-address.ts";

/**
 * Mails another link and code to an address that is still to be proven. Where several wait for that, the mail completes
 * none of them: whoever opens it gets the account without a password, and another mail to choose one. For every other
 * address the same work is done, for a mail to nobody.
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function resendVerification(context: CallContext, email: string): Promise<void> {
  const { services, now, locale } = context;
  const mailId = newId(now);
  const [claims] = await Promise.all([services.accounts.findClaims(email, now), services.mail.announce([mailId])]);
  const waiting = waitingFor(claims, services.config.accounts.isVerificationRequired);
  const secret = newOneTimeSecret();
  const { id: subjectId, email: address, emailNormalised, username, ...person } = waiting ?? nobodyAt(email);
  await services.transaction(
    context,
    async (tx) => {
      const token = { purpose: "verify_email", secret, subjectId, email: address, emailNormalised } as const;
      await tx.oneTimeTokens.issue(token, now);
      const to = { to: waiting ? address : null, accountId: waiting?.accountId ?? null };
      const mail = { id: mailId, template: "verify_email", ...to, locale: localeFor(person, locale) } as const;
      await tx.mail.post({ ...mail, data: { username, ...secret } }, now);
      await tx.audit.append({ type: "verification.requested", accountId: to.accountId ?? undefined, email });
    },
    { isRepeatable: true },
  );
}

/** Who waits for the address to be proven: its registration, its account, or whoever opens the mail. */
function waitingFor(claims: Claims, isVerificationRequired: boolean) {
  const { account, registration } = claims;
  if (account && (account.isVerified || !account.isActive)) return undefined;
  if (!registration || (account && !isVerificationRequired)) return account && { ...account, id: account.accountId };
  return { ...registration, ...(isContested(claims) && nobodyAt(registration.email)), accountId: null };
}

function nobodyAt(email: string) {
  const emailNormalised = normaliseEmail(email);
  return { id: subjectOfAddress(emailNormalised), email, emailNormalised, username: neutralName(email), locale: null };
}
