/** A label of a host as names in the DNS have them, and the underscore that some networks use besides. */
const label = /^[a-z\d_](?:[\w-]{0,61}[a-z\d_])?$/;

export const noWildcard = "must have no wildcard: name each host";

/**
 * Why the host of an http(s) URL can never be reached; undefined where it could be. The parser of
 * URLs takes almost anything for a host: `*.example.com` is one to it.
 */
export function hostFault({ hostname, port }: URL): string | undefined {
  if (hostname.includes("*")) return noWildcard;
  if (hostname.endsWith(".")) return "must have a host that does not end in a dot";
  if (port === "0") return "must not have port 0";
  const isName = hostname.length <= 253 && hostname.split(".").every((part) => label.test(part));
  return isName || hostname.startsWith("[") ? undefined : "must name a host that can exist";
}

/** Targets are sealed in cookies, of which a browser may hold several: all of them must fit into the head of a request. */
export const maxRedirectLength = 512;

/** What a server behind a URL might read as another path than this service does. */
export const ambiguousPath = /%(?:2e|2f|5c)|\/\//i;

/** Whether an entry of the list of redirect targets admits nothing, whatever is asked for. */
export function admitsNothing(entry: string): boolean {
  const url = URL.parse(entry);
  const isWeb = url !== null && /^https?:$/.test(url.protocol);
  const isFolder = entry.endsWith("/") && !/[?#]/.test(entry);
  if (entry.length > maxRedirectLength || url === null) return true;
  return (isWeb && hostFault(url) !== undefined) || (isFolder && ambiguousPath.test(url.pathname));
}

/** What an app's own scheme gives for an origin: all of it as the WebView sends it (RFC 6454, section 6.2). */
const appOrigin = /^[a-z][a-z\d+.-]*:\/\/[\w.~-]{1,253}(?::([1-9]\d{0,4}))?$/;

/** Schemes that no page has for its origin, or that every file, script and frame would have for theirs. */
const noPage = "about blob cid content data file filesystem javascript mid view-source ws wss";

/** Schemes that are handed to other programs: the safelisted ones of HTML (custom scheme handlers), and others of the kind. */
const handedOn =
  "bitcoin callto facetime ftp ftps geo im intent irc ircs ldap ldaps magnet mailto market matrix mms news nntp openpgp4fpr sftp sip sips sms smsto ssh tel telnet urn webcal wtai xmpp";

const noOrigin = new Set(`${noPage} ${handedOn}`.split(" "));

/** Whether an origin is that of a WebView's own pages on plain http, which never leave the device: Capacitor's, Tauri's. */
export function isWebViewOnHttp(origin: string): boolean {
  const url = URL.parse(origin);
  return url?.protocol === "http:" && /(?:^|\.)localhost$/.test(url.hostname);
}

const example = "must be origins such as https://app.example.com or capacitor://localhost, separated by commas";

/**
 * Why a text is not the origin of a page, as a browser or a WebView sends it: scheme, host, port, nothing after; undefined
 * for one that is. Origins are compared as they are, byte by byte.
 */
export function originFault(text: string): string | undefined {
  if (text === "*") return "must name each origin: browsers send no cookies to a wildcard";
  if (text === "null") return `${example}; null would admit any sandboxed page and any local file`;
  if (text.includes("*")) return "must have no wildcard: name each origin, as the browser sends it";
  const scheme = /^[^:]*/.exec(text)?.[0] ?? "";
  if (scheme !== "http" && scheme !== "https") {
    const app = appOrigin.exec(text);
    return app !== null && Number(app[1] ?? 1) <= 65_535 && !noOrigin.has(scheme) ? undefined : example;
  }
  const url = URL.parse(text);
  return url === null || url.origin !== text ? example : hostFault(url);
}
