import type { Cookie } from "@azure/functions";
import type { Config } from "../config.ts";
import { trimBlanks } from "./header-text.ts";

/**
 * Parses a `Cookie` header; the first of each name counts. The host joins repeated headers with a comma, so a pair also
 * ends there. But a comma may also be part of a value that a sibling domain set, so what follows one is never accepted
 * as a cookie with a prefix, which exists so that no sibling can set it.
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

/** Only spaces and tabs around a name are dropped: any other kind of space is part of the name. */
function addPair(cookies: Map<string, string>, pair: string): void {
  const equals = pair.indexOf("=");
  if (equals === -1) return;
  const name = trimBlanks(pair.slice(0, equals));
  if (!cookies.has(name)) cookies.set(name, trimBlanks(pair.slice(equals + 1)));
}

const plainName = "refresh_token";
/**
 * Browsers accept this name only from this host, over https, for all paths, so no sibling domain can plant it (RFC
 * 6265bis, section 4.1.3.2).
 */
const hostName = "__Host-refresh_token";

/**
 * The refresh token in a request's cookies. Over https only the prefixed cookie counts: a sibling domain can plant the
 * plain one.
 */
export function readRefreshCookie(
  { service: { isSecure } }: Config,
  cookies: ReadonlyMap<string, string>,
): string | undefined {
  return cookies.get(hostName) ?? (isSecure ? undefined : cookies.get(plainName));
}

/** The refresh token that a call sends, and how: the body wins over the cookie. */
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

const plainDeviceName = "latchkey_device";
const deviceName = (isSecure: boolean) => (isSecure ? `__Host-${plainDeviceName}` : plainDeviceName);

/** The token by which a device is recognised: the body's wins over the cookie's. */
export function presentedDevice(
  { service: { isSecure } }: Config,
  {
    body,
    cookies,
  }: { body?: { readonly device_id?: string | undefined } | undefined; cookies: ReadonlyMap<string, string> },
): string | undefined {
  return body?.device_id ?? cookies.get(deviceName(isSecure));
}

/** The cookie by which a device is recognised, for a year from each sign-in. */
export function deviceCookie({ service: { isSecure } }: Config, value: string): Cookie {
  const name = deviceName(isSecure);
  return { name, value, path: "/", httpOnly: true, secure: isSecure, sameSite: "Lax", maxAge: deviceSeconds };
}

const deviceSeconds = 365 * 24 * 60 * 60;

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

/** The cookies that make a browser forget its refresh token, under each name that `cookies` has it. */
export function clearedRefreshCookies(config: Config, cookies: ReadonlyMap<string, string>): Cookie[] {
  const cleared = refreshCookie(config, "", 0);
  return cleared.name === hostName && cookies.has(plainName) ? [cleared, { ...cleared, name: plainName }] : [cleared];
}
