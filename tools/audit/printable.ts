/**
 * Text that a terminal shows as it is: without characters that move the cursor, change colours or turn the direction of
 * writing, and not too long.
 */
export function printable(text: string, most = 400): string {
  const short = text.length > most ? `${text.slice(0, most)}…` : text;
  return short.replaceAll(/[\p{C}\u2028\u2029]/gu, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`);
}
