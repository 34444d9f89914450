/** An object has a duplicate key: some parsers keep the first, others the last. */
export class DuplicateMember extends Error {
  override readonly name = "DuplicateMember";
}

/**
 * Parses a JSON text (RFC 8259) and refuses what parsers disagree on: bytes that are not UTF-8, and duplicate keys, at
 * any depth. Depth costs no stack.
 * @throws DuplicateMember; TypeError or SyntaxError if the bytes are not JSON in UTF-8
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = utf8.decode(bytes);
  const value: unknown = JSON.parse(text);
  if (namesMemberTwice(text)) throw new DuplicateMember("a member is named twice");
  return value;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @param json a valid JSON text */
function namesMemberTwice(json: string): boolean {
  /** The keys seen in each open object; an open array has none. */
  const open: ({ names?: Set<string> } | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      if (isName && isRepeated(json.slice(at, end), open.at(-1))) return true;
      at = end - 1;
      isName = false;
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? {} : undefined);
      isName = character === "{";
    } else if (character === "}" || character === "]") open.pop();
    else if (character === ",") isName = open.at(-1) !== undefined;
  }
  return false;
}

/** The index after the closing quote of the string that starts at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Whether the object already has this key, however it is escaped; adds it. */
function isRepeated(text: string, object: { names?: Set<string> } | undefined): boolean {
  const name = String(JSON.parse(text));
  if (object?.names?.has(name)) return true;
  if (object) (object.names ??= new Set()).add(name);
  return false;
}
