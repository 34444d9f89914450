import { fold } from "./folding.ts";

/**
 * Whether a password, as a whole, is of a kind that attackers try without a list: a short text again and again, or a way
 * along the keyboard, the alphabet or the digits (NIST SP 800-63B-4, section 3.1.1.2).
 */
export function isExpected(password: string): boolean {
  return repeatedPart(password).length <= longestPart || isWalk(fold(password));
}

/** The part that a text repeats, perhaps cut off at the end; the text itself if it does not. In characters. */
export function repeatedPart(text: string): readonly string[] {
  const characters = Array.from(text.toLowerCase());
  const period = characters.length - longestBorder(characters);
  return 2 * period <= characters.length ? characters.slice(0, period) : characters;
}

/** As in `123456 123456 123456`. What is longer and repeated is judged by what it is. */
const longestPart = 6;

/** The length of the longest proper beginning that is an end, too (Knuth, Morris and Pratt). Linear. */
function longestBorder(characters: readonly string[]): number {
  const borders = [0];
  let border = 0;
  for (const character of characters.slice(1)) {
    while (border > 0 && characters[border] !== character) border = borders[border - 1] ?? 0;
    if (characters[border] === character) border += 1;
    borders.push(border);
  }
  return borders.at(-1) ?? 0;
}

/** Keys and letters that stand beside each other: QWERTY, QWERTZ and AZERTY, their columns, alphabet and digits. */
const rows = [
  "12345678901 qwertyuiop asdfghjkl zxcvbnm 1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik 9ol 0p",
  "qwertzuiop yxcvbnm 1qay 6zhn azertyuiop qsdfghjklm wxcvbn abcdefghijklmnopqrstuvwxyz",
]
  .join(" ")
  .split(" ");

/** Each pair of neighbours, in both directions. */
const steps: ReadonlySet<string> = new Set(
  rows.flatMap((row) =>
    Array.from(row).flatMap((key, at) => [`${key}${row[at + 1] ?? ""}`, `${row[at + 1] ?? ""}${key}`]),
  ),
);

/** Whether a text consists of ways of three keys or more on average. */
function isWalk(text: string): boolean {
  let ways = 1;
  for (let at = 1; at < text.length; at += 1) if (!steps.has(text.slice(at - 1, at + 1))) ways += 1;
  return text !== "" && text.length >= 3 * ways;
}
