/**
 * A text as lists compare it: letters and digits alone, without case, accents and width. Of a text that has none of
 * them, nothing is left.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "");
}

/** A folded text, and the same without up to eight digits at either end: what people add to a word they know. */
export function foldings(text: string): string[] {
  const folded = fold(text);
  let [start, end] = [0, folded.length];
  while (start < mostDigits && isDigit(folded[start])) start += 1;
  while (folded.length - end < mostDigits && end > start && isDigit(folded[end - 1])) end -= 1;
  const bare = folded.slice(start, end);
  // The middle of a long number is no word that somebody knows.
  return bare === folded || /^\d*$/.test(bare) ? [folded] : [folded, bare];
}

/** A date, such as of a birth. */
const mostDigits = 8;

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}
