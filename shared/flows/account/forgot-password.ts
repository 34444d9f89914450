import { normaliseEmail } from "../../accounts/email.ts";
import type { CallContext } from "../../context.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";

/**
 * Mails a link to choose a new password to the account with this address, also if it has none yet: the link proves the
 * address. A deleted account gets one too, for as long as it can be kept. For an unknown address, and for an account that
 * an operator has deactivated, the same work is done for a mail to nobody.
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function forgotPassword(context: CallContext, email: string): Promise<void> {
  const { services, now } = context;
  const mailId = newId(now);
  const [found] = await Promise.all([services.accounts.findByEmail(email), services.mail.announce([mailId])]);
  const holder = found?.isActive || found?.eraseAt ? found : undefined;
  const { token } = newOneTimeSecret();
  const nobody = { accountId: newId(now), email, emailNormalised: normaliseEmail(email), username: "" };
  const { accountId: subjectId, email: address, emailNormalised, username } = holder ?? nobody;
  await services.transaction(
    context,
    async (tx) => {
      const issued = { purpose: "reset_password", secret: { token }, subjectId } as const;
      await tx.oneTimeTokens.issue({ ...issued, email: address, emailNormalised }, now);
      const to = { to: holder?.email ?? null, accountId: holder?.accountId ?? null };
      const mail = {
        id: mailId,
        template: "reset_password",
        ...to,
        locale: localeFor(holder, context.locale),
      } as const;
      await tx.mail.post({ ...mail, data: { username, token } }, now);
      await tx.audit.append({ type: "password.reset_requested", accountId: found?.accountId, email });
    },
    { isRepeatable: true },
  );
}
