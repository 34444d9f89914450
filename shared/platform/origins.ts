/** A host label as in DNS, plus the underscore that some networks use. */
const label = /^[a-z\d_](?:[\w-]{0,61}[a-z\d_])?$/;

export const noWildcard = "must have no wildcard: name each host";

/**
 * Why the host of an http(s) URL can never be reached; undefined if it might. The URL parser accepts almost anything as
 * a host, even `*.example.com`.
 */
export function hostFault({ hostname, port }: URL): string | undefined {
  if (hostname.includes("*")) return noWildcard;
  if (hostname.endsWith(".")) return "must have a host that does not end in a dot";
  if (port === "0") return "must not have port 0";
  const isName = hostname.length <= 253 && hostname.split(".").every((part) => label.test(part));
  return isName || hostname.startsWith("[") ? undefined : "must name a host that can exist";
}

/** Targets are sealed in cookies, and a browser may hold several: all of them must fit in a request's headers. */
export const maxRedirectLength = 512;

/** Parts of a path that another server may read differently than this service does. */
export const ambiguousPath = /%(?:2e|2f|5c)|\/\//i;

/** Whether an entry of the redirect allowlist can never match anything. */
export function admitsNothing(entry: string): boolean {
  const url = URL.parse(entry);
  const isWeb = url !== null && /^https?:$/.test(url.protocol);
  const isFolder = entry.endsWith("/") && !/[?#]/.test(entry);
  if (entry.length > maxRedirectLength || url === null) return true;
  return (isWeb && hostFault(url) !== undefined) || (isFolder && ambiguousPath.test(url.pathname));
}

/** An origin with an app's own scheme, in the form that the WebView sends (RFC 6454, section 6.2). */
const appOrigin = /^[a-z][a-z\d+.-]*:\/\/[\w.~-]{1,253}(?::([1-9]\d{0,4}))?$/;

/** Schemes that are no page's origin, or that all files, scripts or frames share as theirs. */
const noPage = "about blob cid content data file filesystem javascript mid view-source ws wss";

/**
 * Schemes that browsers pass to other programs: those that HTML safelists (custom scheme handlers), and similar ones.
 */
const handedOn =
  "bitcoin callto facetime ftp ftps geo im intent irc ircs ldap ldaps magnet mailto market matrix mms news nntp openpgp4fpr sftp sip sips sms smsto ssh tel telnet urn webcal wtai xmpp";

const noOrigin = new Set(`${noPage} ${handedOn}`.split(" "));

/**
 * Whether an origin belongs to a WebView's own pages on plain http (Capacitor, Tauri), which never leave the device.
 */
export function isWebViewOnHttp(origin: string): boolean {
  const url = URL.parse(origin);
  return url?.protocol === "http:" && /(?:^|\.)localhost$/.test(url.hostname);
}

const example = "must be origins such as https://app.example.com or capacitor://localhost, separated by commas";

/**
 * Why a text is not an origin in the form that a browser or WebView sends (scheme, host, port, nothing after);
 * undefined if it is one. Origins are compared byte by byte.
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
