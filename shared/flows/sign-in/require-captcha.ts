import type { CaptchaAction } from "../../captcha/captcha.ts";
import type { CallContext } from "../../context.ts";
import { refusing } from "../../audit/refusal.ts";
import { isSuspicious } from "../../sign-in-failures/rules.ts";
import type { CountedAttempt } from "../../sign-in-failures/store.ts";
import { noteFailure, type Claim } from "./counted-attempt.ts";

export const requireCaptchaCodes = ["CAPTCHA_REQUIRED", "CAPTCHA_UNAVAILABLE"] as const;
const refuse = refusing(requireCaptchaCodes);

/**
 * Lets a suspicious attempt go on to its password only with a solved captcha, unless it comes from a device that the
 * account knows. Without a provider nothing is asked for. A refused attempt has tried no password, and is taken back: the
 * next one, with a captcha, must not wait for it.
 * @throws ApiError CAPTCHA_REQUIRED, whose details say what to show; CAPTCHA_UNAVAILABLE if the provider cannot be asked:
 * whoever chooses the token may also choose one that the provider fails at
 */
export async function requireCaptcha(
  context: CallContext,
  attempt: CountedAttempt,
  { action, token, ...whose }: CaptchaAnswer,
): Promise<void> {
  const { captcha } = context.services;
  const isStranger = attempt.subjects?.common !== undefined;
  if (!captcha || !isStranger || !isSuspicious(attempt.counts)) return;
  try {
    const fault = token === undefined ? "no token" : await captcha.check(token, action, context.now);
    if (fault === undefined) return;
    const refusal = refuse("CAPTCHA_REQUIRED", { details: { ...captcha.challenge(action) } });
    // For the log: the caller learns only that it was not enough.
    refusal.message += `: ${fault}`;
    throw refusal;
  } catch (error) {
    await takeBack(context, attempt, whose);
    throw error;
  }
}

async function takeBack(context: CallContext, attempt: CountedAttempt, whose: Pick<Claim, "email" | "account">) {
  const { services, now } = context;
  await services.transaction(context, (tx) => tx.signInFailures.giveBack(attempt, now), { isRepeatable: true });
  // Today no other attempt tells the owner.
  if (attempt.isToldToOwner) await noteFailure(context, attempt, whose);
}

/** What was sent for a captcha, and for which attempt. */
export interface CaptchaAnswer extends Pick<Claim, "email" | "account"> {
  readonly action: CaptchaAction;
  /** Undefined if there is none. */
  readonly token: string | undefined;
}
