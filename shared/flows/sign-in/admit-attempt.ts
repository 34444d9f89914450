import { refusing } from "../../audit/refusal.ts";
import type { CaptchaAction } from "../../captcha/captcha.ts";
import type { CallContext } from "../../context.ts";
import { isSuspicious } from "../../sign-in-failures/rules.ts";
import type { CountedAttempt } from "../../sign-in-failures/store.ts";
import { claimantOf, countAttempt, countAttemptCodes, noteFailure, type Claim } from "./counted-attempt.ts";

export const admitAttemptCodes = [...countAttemptCodes, "CAPTCHA_REQUIRED", "CAPTCHA_UNAVAILABLE"] as const;
const refuse = refusing(admitAttemptCodes);

/**
 * Counts an attempt as `countAttempt` does, and lets a suspicious one go on to its password only with a solved captcha,
 * unless it comes from a device that the account knows. Without a provider nothing is asked for.
 * @throws ApiError RATE_LIMITED during a delay; CAPTCHA_REQUIRED, whose details say what to show; CAPTCHA_UNAVAILABLE if
 * the provider cannot be asked: whoever chooses the token may also choose one that the provider fails at
 */
export async function admitAttempt(
  context: CallContext,
  claim: Claim,
  { action, token }: CaptchaAnswer,
): Promise<CountedAttempt> {
  const attempt = await countAttempt(context, claimantOf(context, claim));
  const { captcha } = context.services;
  const isStranger = attempt.subjects?.common !== undefined;
  if (!captcha || !isStranger || !isSuspicious(attempt.counts)) return attempt;
  try {
    const fault = token === undefined ? "no token" : await captcha.check(token, action, context.now);
    if (fault === undefined) return attempt;
    const refusal = refuse("CAPTCHA_REQUIRED", { details: { ...captcha.challenge(action) } });
    // For the log: the caller learns only that it was not enough.
    refusal.message += `: ${fault}`;
    throw refusal;
  } catch (error) {
    await takeBack(context, attempt, claim);
    throw error;
  }
}

/** What was sent for a captcha. */
export interface CaptchaAnswer {
  readonly action: CaptchaAction;
  /** Undefined if there is none. */
  readonly token: string | undefined;
}

/** No password was tried, and the next attempt, with a captcha, must not wait for this one. */
async function takeBack(context: CallContext, attempt: CountedAttempt, claim: Claim): Promise<void> {
  const { services, now } = context;
  await services.transaction(context, (tx) => tx.signInFailures.giveBack(attempt, now), { isRepeatable: true });
  // Today no other attempt tells the owner.
  if (attempt.isToldToOwner) await noteFailure(context, attempt, claim);
}
