import type { ClaimedAccount } from "../../accounts/claims.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";

export const lookAgainCodes = ["PASSWORD_COMPROMISED"] as const;
const refuse = refusing(lookAgainCodes);

/**
 * Looks a password up among breached ones that could not be looked up when it was chosen. Call it once the password is
 * known to be right, outside a transaction: it may wait a second. If the password is known from a breach, mails its owner a
 * link to choose another, at most once an hour.
 * @returns whether it is known to be none of them now; false if there was nothing to look up, or it cannot be done
 * @throws ApiError PASSWORD_COMPROMISED
 */
export async function lookAgain(
  context: CallContext,
  { credential, password }: { credential: ClaimedAccount; password: string },
): Promise<boolean> {
  if (!credential.isUnchecked || !credential.isActive) return false;
  const isKnown = await context.services.passwordPolicy.breaches.has(password);
  if (!isKnown) return isKnown === false;
  await mailReset(context, credential);
  const { accountId } = credential;
  throw refuse("PASSWORD_COMPROMISED", { about: { accountId, reason: "password known from a breach" } });
}

async function mailReset(context: CallContext, credential: ClaimedAccount): Promise<void> {
  const { services, now } = context;
  const { accountId, email, emailNormalised, username } = credential;
  const mailId = newId(now);
  const { token } = newOneTimeSecret();
  await services.mail.announce([mailId]);
  await services.transaction(
    context,
    async (tx) => {
      if (!(await tx.accounts.noteCompromise(credential, now))) return;
      // Whoever knows the password could otherwise end the link that the owner has asked for.
      const reset = { purpose: "reset_password", subjectId: accountId, endsOthers: false } as const;
      await tx.oneTimeTokens.issue({ ...reset, secret: { token }, email, emailNormalised }, now);
      const to = { to: email, accountId, locale: localeFor(credential, context.locale) };
      await tx.mail.post({ id: mailId, template: "password_compromised", ...to, data: { username, token } }, now);
    },
    { isRepeatable: true },
  );
}
