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
  // Folding takes time that other calls wait for: shorter ones cannot be a password, nor what one repeats at length.
  const known = common.dictionary["passwords-common"].filter(({ length }) => length >= shortestListed);
  const listed = new Set([...known, ...expectedPhrases].map(fold));
  return (folded) => listed.has(folded);
}

const shortestListed = 7;
