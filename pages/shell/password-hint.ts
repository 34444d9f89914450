import type { Hint } from "./field.ts";
import { pageSetting } from "./settings.ts";

/** What a hint says, in a language. `length` and `missing` count characters. */
export interface PasswordHintWords {
  readonly tooLong: string;
  rule(minLength: number): string;
  enough(minLength: number, length: number): string;
  missing(minLength: number, length: number, missing: number): string;
}

/** The least number of characters, which the service has written into the page. */
export const minLength = Number(pageSetting("password-min-length"));

/** What the service will say about a new password's length, in characters after normalisation. */
export function passwordHint(words: PasswordHintWords): (password: string) => Hint {
  return (password) => {
    const normalised = password.normalize("NFC");
    const length = Array.from(normalised).length;
    if (new TextEncoder().encode(normalised).length > 1024) return { text: words.tooLong, isMet: false };
    if (length >= minLength) return { text: words.enough(minLength, length), isMet: true };
    const text = length === 0 ? words.rule(minLength) : words.missing(minLength, length, minLength - length);
    return { text, isMet: false };
  };
}
