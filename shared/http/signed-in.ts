import type { Cookie } from "@azure/functions";
import type * as z from "zod";
import type { Config } from "../config.ts";
import type { Grant } from "../sessions/grant.ts";
import { clearedRefreshCookies, readRefreshCookie, refreshCookie } from "./cookies.ts";
import { toUser, type signInReply, type transport } from "./schemas.ts";

interface SignedInBy {
  readonly config: Config;
  readonly now: Date;
  readonly via: z.output<typeof transport>;
}

/** A grant as a reply: the refresh token goes either into the cookie or into the body, never into both. */
export function signedIn(
  grant: Grant,
  { config, now, via }: SignedInBy,
): { data: z.input<typeof signInReply>; cookies?: Cookie[] } {
  const data = {
    access_token: grant.accessToken,
    token_type: "bearer" as const,
    expires_in: grant.expiresInSeconds,
    user: toUser(grant.account),
  };
  if (via === "body") return { data: { ...data, refresh_token: grant.refreshToken } };
  return { data, cookies: [sessionCookie(grant, { config, now })] };
}

/** As `signedIn`, for a sign-in that has ended the session of the browser's cookie, which must not stay behind. */
export function signedInAnew(
  grant: Grant,
  { cookies, ...by }: SignedInBy & { cookies: ReadonlyMap<string, string> },
): ReturnType<typeof signedIn> {
  const answer = signedIn(grant, by);
  const isLeft = by.via === "body" && readRefreshCookie(by.config, cookies) !== undefined;
  return isLeft ? { ...answer, cookies: clearedRefreshCookies(by.config, cookies) } : answer;
}

/**
 * The cookie that keeps a browser signed in. It is kept for whole minutes, the last one rounded up: who repeats a refresh with
 * a token that is not theirs must not learn when its owner has used it, and so when they will again.
 */
export function sessionCookie(grant: Grant, { config, now }: { config: Config; now: Date }): Cookie {
  const minutesLeft = Math.ceil((grant.refreshTokenExpiresAt.getTime() - now.getTime()) / 60_000);
  return refreshCookie(config, grant.refreshToken, 60 * minutesLeft);
}
