import { randomInt } from "node:crypto";
import type { SetCookie } from "../http/answer.ts";
import { attemptSeconds } from "../social/attempts.ts";
import type { Config } from "../config.ts";

/** The sealed attempts that a browser sent. */
export function readAttemptCookies(config: Config, cookies: ReadonlyMap<string, string>): string[] {
  return names(config).flatMap((name) => cookies.get(name) || []);
}

/** How many sign-ins may be pending in one browser, one per tab; a further one replaces another. */
const places = 4;

function names({ service: { isSecure } }: Config): string[] {
  return Array.from({ length: places }, (_, place) => `${isSecure ? "__Host-" : ""}oauth_attempt_${place}`);
}

/** The cookie that binds an attempt to this browser: sent along when the provider sends the browser back (`Lax`). */
export function attemptCookie(config: Config, cookies: ReadonlyMap<string, string>, sealed: string): SetCookie {
  const all = names(config);
  const free = all.filter((name) => !cookies.get(name));
  const candidates = free.length > 0 ? free : all;
  // At random, so that two tabs that begin at the same time do not pick the same one.
  return cookie(config, candidates[randomInt(candidates.length)] ?? "", { value: sealed, maxAge: attemptSeconds });
}

/** The cookies that make a browser forget an attempt. */
export function clearedAttemptCookies(
  config: Config,
  cookies: ReadonlyMap<string, string>,
  sealed: string,
): SetCookie[] {
  const held = names(config).filter((name) => cookies.get(name) === sealed);
  return held.map((name) => cookie(config, name, { value: "", maxAge: 0 }));
}

function cookie(
  { service: { isSecure } }: Config,
  name: string,
  { value, maxAge }: { value: string; maxAge: number },
): SetCookie {
  return { name, value, maxAge, path: "/", httpOnly: true, secure: isSecure, sameSite: "Lax" };
}
