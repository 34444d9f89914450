import { setImmediate } from "node:timers/promises";
import { fold, foldings } from "./folding.ts";
import { isExpected, repeatedPart } from "./expected.ts";
import { expectedPhrases } from "./phrases.ts";

/**
 * Whether a password is common or expected (NIST SP 800-63B-4, section 3.1.1.2; ASVS 6.2.4): as a whole, whatever its
 * case, its separators and a few digits at its ends.
 * @param isListed from `loadCommonPasswords`
 */
export function isCommon(password: string, isListed: IsListed): boolean {
  return isExpected(password) || foldings(password).some(isListed) || isListed(fold(repeatedPart(password).join("")));
}

/** Whether a folded text is on the list. */
export type IsListed = (folded: string) => boolean;

/** Loads the list that the service ships, at the first password that is chosen. */
export async function loadCommonPasswords(): Promise<IsListed> {
  const { default: common } = await import("@zxcvbn-ts/language-common");
  const known = [...expectedPhrases, ...common.dictionary["passwords-common"]];
  const listed = new Set<string>();
  // Folding all takes 30 ms: others are served in between.
  for (let at = 0; at < known.length; at += sliceLength, await setImmediate())
    for (const text of known.slice(at, at + sliceLength)) if (text.length >= shortestListed) listed.add(fold(text));
  return (folded) => listed.has(folded);
}

/** Of fewer letters, a password with separators is none that a list knows. */
const shortestListed = 4;
const sliceLength = 5000;
