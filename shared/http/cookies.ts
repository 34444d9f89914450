import type { Cookie } from "@azure/functions";
import type { Config } from "../config.ts";
import { trimBlanks } from "./header-text.ts";

/**
 * Reads a `Cookie` header; the first of a name counts. The host joins doubled headers by a comma, so a pair ends there
 * too. But a comma may also stand within a value that a sibling domain has set, so what follows one is never taken for
 * a cookie with a prefix, whose whole point is that no sibling can set it.
 */
export function parseCookies(header: string | null): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of header?.split(";") ?? []) {
    const [first = "", ...afterCommas] = part.split(",");
    addPair(cookies, first);
    for (const pair of afterCommas) if (!/^[ \t]*__(?:Host|Secure)-/i.test(pair)) addPair(cookies, pair);
  }
  return cookies;
}

/** Only space and tab surround a name: another kind of space is part of it, and makes it another name. */
function addPair(cookies: Map<string, string>, pair: string): void {
  const equals = pair.indexOf("=");
  if (equals === -1) return;
  const name = trimBlanks(pair.slice(0, equals));
  if (!cookies.has(name)) cookies.set(name, trimBlanks(pair.slice(equals + 1)));
}

const plainName = "refresh_token";
/** Browsers accept this name only from this host, over https, for all paths: no sibling domain can plant it (RFC 6265bis, section 4.1.3.2). */
const hostName = "__Host-refresh_token";

/** The refresh token of a request's cookies. Over https only the prefixed cookie: a sibling domain can plant the plain one. */
export function readRefreshCookie(
  { service: { isSecure } }: Config,
  cookies: ReadonlyMap<string, string>,
): string | undefined {
  return cookies.get(hostName) ?? (isSecure ? undefined : cookies.get(plainName));
}

/** The refresh token that a call shows, and how it came: one in the body wins over the cookie. */
export function presentedRefreshToken(
  config: Config,
  {
    body,
    cookies,
  }: { body: { readonly refresh_token?: string | undefined } | undefined; cookies: ReadonlyMap<string, string> },
): { readonly token: string | undefined; readonly via: "body" | "cookie" } {
  const inBody = body?.refresh_token;
  return inBody === undefined
    ? { token: readRefreshCookie(config, cookies), via: "cookie" }
    : { token: inBody, via: "body" };
}

/** The cookie that carries a refresh token for `maxAgeSeconds`. */
export function refreshCookie({ service: { isSecure } }: Config, value: string, maxAgeSeconds: number): Cookie {
  return {
    name: isSecure ? hostName : plainName,
    value,
    path: "/",
    httpOnly: true,
    secure: isSecure,
    sameSite: "Lax",
    maxAge: maxAgeSeconds,
  };
}

/** The cookies that make a browser forget its refresh token, under every name that `cookies` holds it by. */
export function clearedRefreshCookies(config: Config, cookies: ReadonlyMap<string, string>): Cookie[] {
  const cleared = refreshCookie(config, "", 0);
  return cleared.name === hostName && cookies.has(plainName) ? [cleared, { ...cleared, name: plainName }] : [cleared];
}
