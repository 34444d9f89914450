import { oneLine } from "./templates/outside-text.ts";

/** As many UTF-16 code units as the outbox keeps: `nvarchar(400)`. */
const maxLength = 400;

/** Longer than any word that explains something: a token, perhaps one of ours. */
const longestWord = 40;

/**
 * What a server said, fit for a log. Servers quote the recipient's address, and filters quote links from the mail: words
 * with an `@`, of a URL, of six digits and very long ones are left out.
 * @param parts the sentences, the server's words among them
 */
export function tellWhy(...parts: string[]): string {
  const words = oneLine(parts.join(" "), 4 * maxLength).split(" ");
  return cut(words.map((word) => (isTelling(word) ? "…" : word)).join(" "));
}

/** Not within a character of two code units. */
function cut(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
}

function isTelling(word: string): boolean {
  return (
    word.length > longestWord || word.includes("@") || word.includes("//") || /token=|(?:^|\D)\d{6}(?:\D|$)/i.test(word)
  );
}
