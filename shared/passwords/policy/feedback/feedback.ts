import type { Locale } from "../../../platform/locale.ts";
import type { Judgement } from "../policy.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import type { FeedbackWords } from "./words.ts";
import { zhHant } from "./zh-hant.ts";

/** What to tell a person about a password: whole sentences, without anything of the password. */
export interface Feedback {
  /** What is wrong, or could be better; null if nothing is. */
  readonly warning: string | null;
  readonly suggestions: string[];
}

const languages: Readonly<Record<Locale, FeedbackWords>> = { en, de, fr, es, "zh-Hant": zhHant };

/** @param minLength for a password that is too short */
export function describeJudgement({ reason, strength }: Judgement, minLength: number, locale: Locale): Feedback {
  const { reasons, warnings, suggestions } = languages[locale];
  const warning = textOf(warnings, strength?.warning);
  const advice = strength?.suggestions.flatMap((key) => textOf(suggestions, key) ?? []) ?? [];
  if (reason === undefined) return { warning: warning ?? null, suggestions: advice };
  if (reason === "too_short")
    return { warning: reasons.too_short.replace("{least}", String(minLength)), suggestions: [] };
  const told = reason === "too_weak" ? (warning ?? reasons.too_weak) : reasons[reason];
  return { warning: told, suggestions: reason === "too_weak" && advice.length > 0 ? advice : [suggestions.useWords] };
}

/** Undefined for a key of another release of zxcvbn. */
function textOf(texts: Readonly<Record<string, string>>, key: string | null | undefined): string | undefined {
  return key !== null && key !== undefined && Object.hasOwn(texts, key) ? texts[key] : undefined;
}
