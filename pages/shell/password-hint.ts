import type { Hint } from "./live-hint.ts";
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

/** Why the service will refuse a new password, as far as its length tells; undefined if it will not. */
export function lengthFault(password: string): "missing" | "short" | "long" | undefined {
  if (password === "") return "missing";
  if (new TextEncoder().encode(password.normalize("NFC")).length > 1024) return "long";
  return lengthOf(password) < minLength ? "short" : undefined;
}

/** In characters, after normalisation. */
const lengthOf = (password: string): number => Array.from(password.normalize("NFC")).length;

/** What the service will say about a new password's length. */
export function passwordHint(words: PasswordHintWords): (password: string) => Hint {
  return (password) => {
    const length = lengthOf(password);
    const fault = lengthFault(password);
    if (fault === "long") return { text: words.tooLong, isMet: false };
    if (fault === undefined) return { text: words.enough(minLength, length), isMet: true };
    const text = length === 0 ? words.rule(minLength) : words.missing(minLength, length, minLength - length);
    return { text, isMet: false };
  };
}
