import type { Cookie } from "@azure/functions";
import type { Config } from "../platform/config.ts";

/** Reads a `Cookie` header. The host joins doubled headers by a comma, so pairs end at `;` and at `,`. The first of a name counts. */
export function parseCookies(header: string | null): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header?.split(/[;,]/) ?? []) {
    const [name = "", value] = pair.split(/=(.*)/s, 2);
    if (value !== undefined && !cookies.has(name.trim())) cookies.set(name.trim(), value.trim());
  }
  return cookies;
}

const plainName = "refresh_token";
/** Browsers accept this name from this host alone, over https, for all paths: no sibling domain can plant it (RFC 6265bis, section 4.1.3.2). */
const hostName = "__Host-refresh_token";

/** The refresh token of a request's cookies. */
export function readRefreshCookie(cookies: ReadonlyMap<string, string>): string | undefined {
  return cookies.get(hostName) ?? cookies.get(plainName);
}

/** The cookie that carries a refresh token for `maxAgeSeconds`. */
export function refreshCookie({ isSecure }: Config, value: string, maxAgeSeconds: number): Cookie {
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
