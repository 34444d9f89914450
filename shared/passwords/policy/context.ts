import { fold, foldings } from "./folding.ts";

/** Whose password it is to be, as far as that is known. */
export interface Owner {
  readonly email?: string | null | undefined;
  readonly username?: string | undefined;
}

/**
 * The names that belong to an account and to the product, and the words that these consist of (ASVS 6.2.11).
 * @param product its name, and the host that it is at
 */
export function contextWords({ email, username }: Owner, product: readonly string[]): string[] {
  const at = email?.lastIndexOf("@") ?? -1;
  const address = at > 0 ? [email, email?.slice(0, at), email?.slice(at + 1)] : [];
  const names = [...product, ourName, username, ...address].filter((name) => typeof name === "string");
  const words = names.concat(names.flatMap((name) => name.split(/[^\p{L}\p{M}\p{N}]+/u)));
  return [...new Set(words)].filter((word) => fold(word).length >= shortestWord);
}

const ourName = "Latchkey";

/** Two letters, such as a country's, say nothing about a person. */
const shortestWord = 3;

/**
 * Whether a password consists of such names alone, in any order and number: the whole password is compared, never a part
 * of it (NIST SP 800-63B-4, section 3.1.1.2). Case, accents, separators and a few digits at the ends make no difference.
 */
export function isMadeOf(words: readonly string[], password: string): boolean {
  const names = [...new Set(words.flatMap(foldings))].toSorted((one, other) => other.length - one.length);
  return foldings(password).some((text) => {
    const left = names.reduce((rest, name) => rest.replaceAll(name, " "), text);
    return text !== "" && left.trim() === "";
  });
}
