import type { Account } from "../../accounts/tables.ts";
import { refusing } from "../../audit/refusal.ts";
import type { Config } from "../../config.ts";
import type { CallContext } from "../../context.ts";
import type { Challenge } from "../../mfa/challenges.ts";
import { newId } from "../../platform/crypto/random.ts";
import { newShortCode } from "../../platform/crypto/short-codes.ts";
import { hasPasskey } from "../passkeys/factor-options.ts";
import { tellFactors } from "./notices.ts";

export const mailCodeCodes = ["MFA_TOKEN_INVALID", "MFA_METHOD_UNAVAILABLE", "RATE_LIMITED"] as const;
const refuse = refusing(mailCodeCodes);

/**
 * Whether a code by mail may be the second factor of a sign-in. Only after a password, and one that was not itself chosen
 * through a mailed link: whoever reads the mail would have both factors. A provider may be the one that keeps the mailbox.
 * Nor where the account has a passkey, which the caller asks about.
 */
export function takesMailedCode(
  { mfa }: Pick<Config, "mfa">,
  { account, methods }: { account: Account; methods: readonly string[] },
): boolean {
  const isProven = account.email !== null && account.email_verified_at !== null;
  return mfa.isEmailOn && isProven && account.password_mailed_at === null && methods.includes("pwd");
}

/**
 * Mails the code that completes a sign-in, to the address that the account has proven. A new code ends the one before.
 * @returns for how many seconds the code is good, and the `mfa_token` with it
 * @throws ApiError MFA_TOKEN_INVALID, MFA_METHOD_UNAVAILABLE, RATE_LIMITED, LIMITS_UNAVAILABLE or DATABASE_UNAVAILABLE
 */
export async function mailCode(
  context: CallContext,
  { mfaToken, device: text }: { mfaToken: string; device: string | undefined },
): Promise<{ expiresInSeconds: number }> {
  const { services, now } = context;
  const device = services.devices.recognise(text);
  const presented = device && { token: mfaToken, purpose: "sign_in" as const, deviceHash: device.hash };
  const challenge = presented && (await services.mfa.challenges.find(presented, now));
  if (!challenge) throw refuse("MFA_TOKEN_INVALID");
  await count(context, challenge);
  const { accountId, tokenHash, methods } = challenge;
  const [id, code] = [newId(now), newShortCode()];
  await services.mail.announce([id]);
  const expiresAt = await services.transaction(
    context,
    async (tx) => {
      const account = await tx.accounts.holdAccount(accountId);
      if (!account?.is_active) throw refuse("MFA_TOKEN_INVALID", { about: { accountId } });
      if (!takesMailedCode(services.config, { account, methods }) || (await hasPasskey(context, tx, accountId)))
        throw refuse("MFA_METHOD_UNAVAILABLE", { about: { accountId } });
      const until = await tx.mfa.emailCodes.issue({ tokenHash, code }, now);
      if (!until)
        throw refuse("MFA_METHOD_UNAVAILABLE", { about: { accountId, reason: "as many codes as there may be" } });
      await tellFactors(context, tx, { account, id, template: "sign_in_code", data: { code } });
      await tx.audit.append({ type: "mfa.code_mailed", accountId });
      return until;
    },
    { isRepeatable: true },
  );
  return { expiresInSeconds: secondsUntil(expiresAt, now) };
}

/** Counts the mail for the account. A stranger with the password fills the mailbox with no more than the limit. */
async function count(context: CallContext, { accountId, isDeviceKnown, deviceHash }: Challenge): Promise<void> {
  const { services, now } = context;
  const device = isDeviceKnown ? deviceHash.toString("base64url") : "strangers";
  const key = { policy: "code_mail", value: `${accountId} ${device}` } as const;
  const { standings, newlyExceeded } = await services.limiter.count([key], context);
  for (const { policy } of newlyExceeded)
    await services.audit.record(context, { type: "limit.exceeded", reason: policy, accountId });
  const exceeded = standings.find(({ isExceeded }) => isExceeded);
  if (exceeded)
    throw refuse("RATE_LIMITED", {
      about: { accountId },
      retryAfterSeconds: Math.max(1, secondsUntil(exceeded.resetsAt, now)),
    });
}

const secondsUntil = (then: Date, now: Date): number => Math.ceil((then.getTime() - now.getTime()) / 1000);
