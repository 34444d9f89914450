import { refusing } from "../../audit/refusal.ts";
import type { CaptchaAction } from "../../captcha/captcha.ts";
import type { CallContext } from "../../context.ts";
import { isStuffing, isSuspicious, mostAddresses } from "../../sign-in-failures/rules.ts";
import type { CountedAttempt } from "../../sign-in-failures/store.ts";
import {
  addingRows,
  claimantOf,
  countAttempt,
  countAttemptCodes,
  giveBack,
  noteFailure,
  type Claim,
} from "./counted-attempt.ts";

export const admitAttemptCodes = [...countAttemptCodes, "CAPTCHA_REQUIRED", "CAPTCHA_UNAVAILABLE"] as const;
const refuse = refusing(admitAttemptCodes);

/**
 * Counts an attempt as `countAttempt` does, and lets a suspicious one go on to its password only with a solved captcha,
 * unless it comes from a device that the account knows. Without a provider nothing is asked for.
 * @throws ApiError RATE_LIMITED during a delay; CAPTCHA_REQUIRED, whose details say what to show; CAPTCHA_UNAVAILABLE if
 * the provider cannot be asked: whoever chooses the token may also choose one that the provider fails at
 */
export async function admitAttempt(context: CallContext, claim: Claim, answer: CaptchaAnswer): Promise<CountedAttempt> {
  const attempt = await countAttempt(context, claimantOf(context, claim));
  const isStranger = attempt.subjects?.common !== undefined;
  if (isStranger && isSuspicious(attempt.counts)) {
    await requireCaptcha(context, answer).catch(async (error: unknown) => {
      await takeBack(context, attempt, claim);
      throw error;
    });
  }
  // Not before: whoever solves no captcha must not use up the network's attempts.
  if (isStuffing(attempt.counts)) await slowNetwork(context, attempt);
  return attempt;
}

async function requireCaptcha(
  { services: { captcha }, now }: CallContext,
  { action, token }: CaptchaAnswer,
): Promise<void> {
  if (!captcha) return;
  const fault = token === undefined ? "no token" : await captcha.check(token, action, now);
  if (fault === undefined) return;
  const refusal = refuse("CAPTCHA_REQUIRED", { details: { ...captcha.challenge(action) } });
  // For the log: the caller learns only that it was not enough.
  refusal.message += `: ${fault}`;
  throw refusal;
}

/** What was sent for a captcha. */
export interface CaptchaAnswer {
  readonly action: CaptchaAction;
  /** Undefined if there is none. */
  readonly token: string | undefined;
}

/** No password was tried, and the next attempt, with a captcha, must not wait for this one. */
async function takeBack(context: CallContext, attempt: CountedAttempt, claim: Claim): Promise<void> {
  await giveBack(context, attempt);
  // Today no other attempt tells the owner.
  if (attempt.isToldToOwner) await noteFailure(context, attempt, claim);
}

async function slowNetwork(context: CallContext, attempt: CountedAttempt): Promise<void> {
  const { services, now } = context;
  if (!(await addingRows(context, (tx) => tx.signInFailures.slow(attempt, now)))) return;
  const isByNetwork = attempt.counts.addressesOfNetwork >= mostAddresses;
  const reason = isByNetwork ? "one network, many addresses" : "one password, many addresses";
  await services.audit.record(context, { type: "sign_in.stuffing_detected", reason });
}
