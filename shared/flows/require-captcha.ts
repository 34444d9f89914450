import type { CallContext } from "../context.ts";
import { refusing } from "../audit/refusal.ts";
import type { CaptchaAction } from "../captcha/captcha.ts";

export const requireCaptchaCodes = ["CAPTCHA_REQUIRED", "CAPTCHA_UNAVAILABLE"] as const;
const refuse = refusing(requireCaptchaCodes);

/**
 * Lets a suspicious call go on only with a captcha that was solved for it. Without a provider there is nothing to solve.
 * @param answer.token undefined if the caller sent none
 * @throws ApiError CAPTCHA_REQUIRED, whose details say what to show; CAPTCHA_UNAVAILABLE if the provider cannot be asked:
 * whoever chooses the token may also choose one that the provider fails at
 */
export async function requireCaptcha(
  { services: { captcha }, now }: CallContext,
  { action, token }: { readonly action: CaptchaAction; readonly token: string | undefined },
): Promise<void> {
  if (!captcha) return;
  const fault = token === undefined ? "" : await captcha.check(token, action, now);
  if (fault === undefined) return;
  const refusal = refuse("CAPTCHA_REQUIRED", { details: { ...captcha.challenge(action) } });
  // For the log: the caller learns only that it was not enough.
  if (fault !== "") refusal.message += `: ${fault}`;
  throw refusal;
}
