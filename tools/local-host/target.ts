/** The target of a request line as Azure's host reads it. */
export interface Target {
  /** Decoded (except `%2F` and what is not UTF-8), dot segments resolved, without the leading slash. */
  readonly path: string;
  /** Path and query as functions see them in `request.url`: the path above, encoded again. */
  readonly url: string;
  /** From the question mark on, as sent; empty if there is none. */
  readonly search: string;
}

/** A path that decoding, resolving and encoding leave unchanged. */
const PLAIN_PATH = /^(?:\/[\w~!$&'()*+,;=:@-][\w.~!$&'()*+,;=:@-]*)*\/?$/;

/** One percent-encoded character; `decodeURIComponent` decides whether it is valid UTF-8. */
const ENCODED = /%[0-7][\da-f]|%[cd][\da-f]%[\da-f]{2}|%e[\da-f](?:%[\da-f]{2}){2}|%f[\da-f](?:%[\da-f]{2}){3}/gi;

/** Parses the target of a request line; `undefined` if the host answers it with 400. */
export function readTarget(sent: string): Target | undefined {
  if (/[^\x21-\x7e]/.test(sent)) return undefined;
  const local = sent.replace(/^https?:\/\/[^/?]*/i, "");
  const mark = local.indexOf("?");
  const sentPath = (mark === -1 ? local : local.slice(0, mark)) || "/";
  const search = mark === -1 ? "" : local.slice(mark);
  if (PLAIN_PATH.test(sentPath)) return { path: sentPath.slice(1), url: sentPath + search, search };
  if (!sentPath.startsWith("/") || /%00/.test(sentPath)) return undefined;
  const path = resolveDots(decodePath(sentPath));
  return { path: path.slice(1), url: encodePath(path) + search, search };
}

/** Parses a query as ASP.NET does: names ignore case, and the values of a repeated one are joined by commas. */
export function readQuery(search: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  const spellings = new Map<string, string>();
  for (const pair of search.slice(1).split("&")) {
    if (pair === "") continue;
    const [, sentName = "", sentValue = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    const spelling = decode(sentName.replaceAll("+", " "));
    const name = spellings.get(spelling.toLowerCase()) ?? spelling;
    const value = decode(sentValue.replaceAll("+", " "));
    spellings.set(name.toLowerCase(), name);
    values[name] = name in values ? `${values[name]},${value}` : value;
  }
  return values;
}

function decode(text: string): string {
  if (!text.includes("%")) return text;
  return text.replaceAll(ENCODED, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/** An encoded slash stays encoded: it must not end a segment. */
function decodePath(path: string): string {
  return path
    .split(/(%2f)/i)
    .map((part) => (/^%2f$/i.test(part) ? part : decode(part)))
    .join("");
}

/** RFC 3986 section 5.2.4. */
function resolveDots(path: string): string {
  if (!path.includes("/.")) return path;
  const kept: string[] = [];
  const segments = path.slice(1).split("/");
  for (const [index, segment] of segments.entries()) {
    const isDots = segment === "." || segment === "..";
    if (segment === "..") kept.pop();
    if (!isDots) kept.push(segment);
    else if (index === segments.length - 1) kept.push("");
  }
  return `/${kept.join("/")}`;
}

function encodePath(path: string): string {
  return path.replaceAll(/(%[\da-f]{2})|%|[^%\w.~!$&'()*+,;=:@/-]+/gi, (part, encoded?: string) =>
    encoded === undefined ? encodeURIComponent(part) : encoded,
  );
}
