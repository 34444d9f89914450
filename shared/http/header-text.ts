/** Trims spaces and tabs (RFC 9110, section 5.6.3); other kinds of space are part of the text. */
export function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

/** Splits a text at separators, except those within quoted strings (RFC 9110, section 5.6.4). */
export function splitUnquoted(text: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let [start, isQuoted] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted && character === "\\") at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(trimBlanks(text.slice(start, at)));
      start = at + 1;
    }
  }
  return [...parts, trimBlanks(text.slice(start))];
}
