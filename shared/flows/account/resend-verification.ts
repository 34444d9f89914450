import type { Claims } from "../../accounts/claims.ts";
import type { CallContext } from "../../context.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";

/**
 * Mails another link and code to an address that is still to be proven. For every other address the same work is done,
 * for a mail to nobody.
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function resendVerification(context: CallContext, email: string): Promise<void> {
  const { services, now, locale } = context;
  const mailId = newId(now);
  const [claims] = await Promise.all([services.accounts.findClaims(email, now), services.mail.announce([mailId])]);
  const waiting = waitingFor(claims, services.config.accounts.isVerificationRequired);
  const secret = newOneTimeSecret();
  const nobody = { id: newId(now), email, emailNormalised: normaliseEmail(email), username: "", locale: null };
  const { id: subjectId, email: address, emailNormalised, username, ...person } = waiting ?? nobody;
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

/** Who waits for the address to be proven: the newest registration, or the account. */
function waitingFor({ account, registration }: Claims, isVerificationRequired: boolean) {
  if (account && (account.isVerified || !account.isActive)) return undefined;
  const isRegistration = registration && (isVerificationRequired || !account);
  if (isRegistration) return { ...registration, accountId: null };
  return account && { ...account, id: account.accountId };
}
