/** An object names a member twice: one parser takes the first, another the last. */
export class DuplicateMember extends Error {
  override readonly name = "DuplicateMember";
}

/**
 * Parses a JSON text of RFC 8259 and refuses what parsers read differently: bytes that are not UTF-8, and an object that
 * names a member twice, at any depth. Depth costs no stack.
 * @throws DuplicateMember; TypeError or SyntaxError when the bytes are no such text at all
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = utf8.decode(bytes);
  const value: unknown = JSON.parse(text);
  if (namesMemberTwice(text)) throw new DuplicateMember("a member is named twice");
  return value;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;

/** @param json a valid JSON text */
function namesMemberTwice(json: string): boolean {
  /** The names seen in each open object; an open array has none. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [text] of json.matchAll(token)) {
    if (text === "{" || text === "[") open.push(text === "{" ? new Set() : undefined);
    if (text === "}" || text === "]") open.pop();
    if (isName && text.startsWith('"')) {
      const name = String(JSON.parse(text));
      if (open.at(-1)?.has(name)) return true;
      open.at(-1)?.add(name);
    }
    isName = text === "{" || (text === "," && open.at(-1) !== undefined);
  }
  return false;
}
