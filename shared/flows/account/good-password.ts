import type { CallContext } from "../../context.ts";
import { describeJudgement, type Feedback } from "../../passwords/policy/feedback/feedback.ts";
import type { Owner } from "../../passwords/policy/context.ts";
import type { Judgement, RefusalReason } from "../../passwords/policy/policy.ts";
import { textFault } from "../../passwords/text.ts";
import { invalidField } from "../../platform/errors/api-error.ts";

export const requireGoodPasswordCodes = ["VALIDATION_ERROR"] as const;

/** A password to choose, and whose it is to be. */
export interface ChosenPassword extends Owner {
  readonly password: string;
}

/** A password that may be chosen. */
export interface GoodPassword {
  /** Since when it waits to be looked up among breached ones, because that cannot be done now; null if it was done. */
  readonly passwordUncheckedSince: Date | null;
}

/**
 * Refuses a password that may not be chosen, with the reason and advice in the person's language. May wait a second for
 * the range API of breached passwords: not inside a transaction.
 * @throws ApiError VALIDATION_ERROR
 */
export async function requireGoodPassword(context: CallContext, chosen: ChosenPassword): Promise<GoodPassword> {
  const fault = textFault(chosen.password);
  if (fault !== undefined) throw invalidField("password", fault);
  const { password, ...owner } = chosen;
  const judgement = await context.services.passwordPolicy.judge(password, owner);
  const { reason, isUnchecked } = judgement;
  if (reason === undefined) return { passwordUncheckedSince: isUnchecked ? context.now : null };
  const message = messages[reason](context.services.config.passwords.minLength);
  throw invalidField("password", message, { reason, feedback: feedbackOn(context, judgement) });
}

/** Judges a possible password that is being typed, without a call to anybody, and says so in the person's language. */
export async function previewPassword(
  context: CallContext,
  { password, ...owner }: ChosenPassword,
): Promise<Judgement & { readonly feedback: Feedback }> {
  const judgement = await context.services.passwordPolicy.preview(password, owner);
  return { ...judgement, feedback: feedbackOn(context, judgement) };
}

function feedbackOn({ services, locale }: CallContext, judgement: Judgement): Feedback {
  return describeJudgement(judgement, services.config.passwords.minLength, locale);
}

/** For developers, as all messages about fields; people are shown the feedback. */
const messages: Readonly<Record<RefusalReason, (minLength: number) => string>> = {
  too_short: (minLength) => `must have at least ${minLength} characters`,
  common: () => "must not be a common or expected password",
  context: () => "must not consist of the person's names or the product's",
  too_weak: () => "must be harder to guess",
  breached: () => "must not be known from a data breach",
};
