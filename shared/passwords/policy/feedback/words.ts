import type { RefusalReason } from "../policy.ts";

/** What people are told about a password, in one language. */
export interface FeedbackWords {
  /** With `{least}` in `too_short`. */
  readonly reasons: Readonly<Record<RefusalReason, string>>;
  /** By zxcvbn's keys. */
  readonly warnings: Readonly<Record<Warning, string>>;
  readonly suggestions: Readonly<Record<Suggestion, string>>;
}

export type Warning =
  | "straightRow"
  | "keyPattern"
  | "simpleRepeat"
  | "extendedRepeat"
  | "sequences"
  | "recentYears"
  | "dates"
  | "topTen"
  | "topHundred"
  | "common"
  | "similarToCommon"
  | "wordByItself"
  | "namesByThemselves"
  | "commonNames"
  | "userInputs";

export type Suggestion =
  | "l33t"
  | "reverseWords"
  | "allUppercase"
  | "capitalization"
  | "dates"
  | "recentYears"
  | "associatedYears"
  | "sequences"
  | "repeated"
  | "longerKeyboardPattern"
  | "anotherWord"
  | "useWords"
  | "noNeed";
