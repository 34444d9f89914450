// Files that nobody has forged, and that are not what they were named as: said as such, and not as findings.

/** What is wrong with the ends of a file's lines, or before the first; undefined if nothing is. */
export const faultOfEnds = (text: string): string | undefined =>
  /^(?:\uFEFF|\u00EF\u00BB\u00BF)|\s$/.test(text)
    ? "something changed the ends of its lines, or put a mark before the first: take it as it was exported"
    : undefined;

/** What else a file is, by its first line; undefined if that is not known. */
export function otherThanExport(text: string): string | undefined {
  // npm begins with an empty line, then `> latchkey@0.1.0 audit`.
  if (text === "" || text.startsWith("> "))
    return 'it begins with what npm prints before a command: remove the lines before {"latchkey_audit", or export with --out FILE';
  return isJws(text) ? "these are anchors: name them with --anchors, and the export with --export" : undefined;
}

/** The same for anchors. */
export function otherThanAnchors(text: string): string | undefined {
  if (text.startsWith('{"latchkey_audit"'))
    return "this is an export of events: name it with --export, and the anchors with --anchors";
  if (text.trimStart().startsWith("{")) return "these are no anchors: keys are named with --keys";
  return undefined;
}

/** Whether a text begins as a compact JWS: with `{"` as base64url. */
const isJws = (text: string) => text.startsWith("eyJ");
