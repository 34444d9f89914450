import type { Cookie } from "@azure/functions";
import type * as z from "zod";
import type { Config } from "../config.ts";
import type { IssuedTokens } from "../sessions/issued-tokens.ts";
import { clearedRefreshCookies, readRefreshCookie, refreshCookie } from "./cookies.ts";
import { toUser, type signInReply, type transport } from "./schemas.ts";

interface SignedInBy {
  readonly config: Config;
  readonly now: Date;
  readonly via: z.output<typeof transport>;
}

/** The tokens of a sign-in as a reply: the refresh token goes either into the cookie or into the body, never into both. */
export function signedIn(
  tokens: IssuedTokens,
  { config, now, via }: SignedInBy,
): { data: z.input<typeof signInReply>; cookies?: Cookie[] } {
  const data = {
    access_token: tokens.accessToken,
    token_type: "bearer" as const,
    expires_in: tokens.expiresInSeconds,
    user: toUser(tokens.account),
  };
  if (via === "body") return { data: { ...data, refresh_token: tokens.refreshToken } };
  return { data, cookies: [sessionCookie(tokens, { config, now })] };
}

/** As `signedIn`, for a sign-in that has ended the session of the browser's cookie, which must not stay behind. */
export function signedInAnew(
  tokens: IssuedTokens,
  { cookies, ...by }: SignedInBy & { cookies: ReadonlyMap<string, string> },
): ReturnType<typeof signedIn> {
  const answer = signedIn(tokens, by);
  const isLeft = by.via === "body" && readRefreshCookie(by.config, cookies) !== undefined;
  return isLeft ? { ...answer, cookies: clearedRefreshCookies(by.config, cookies) } : answer;
}

/**
 * The cookie that keeps a browser signed in. It is kept for whole minutes, the last one rounded up: who repeats a refresh with
 * a token that is not theirs must not learn when its owner has used it, and so when they will again.
 */
export function sessionCookie(tokens: IssuedTokens, { config, now }: { config: Config; now: Date }): Cookie {
  const minutesLeft = Math.ceil((tokens.refreshTokenExpiresAt.getTime() - now.getTime()) / 60_000);
  return refreshCookie(config, tokens.refreshToken, 60 * minutesLeft);
}
