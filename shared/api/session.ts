import * as z from "zod";
import type { CallContext } from "../context.ts";
import type { IssuedTokens } from "../sessions/issued-tokens.ts";
import type { SetCookie } from "../http/answer.ts";
import { clearedRefreshCookies, deviceCookie, readRefreshCookie, refreshCookie } from "../http/cookies.ts";
import { toUser, user } from "./account.ts";

/** How a refresh token travels: as a cookie for browsers, in the body for native apps and cross-site pages. */
export const transport = z.enum(["cookie", "body"], { error: 'must be "cookie" or "body"' });

/** Any text: one that is not a token of ours is treated as an unknown token. */
export const refreshToken = z.string().meta({ examples: ["an-example-refresh-token"] });

/** Any text: one that is not ours is treated as none. */
export const deviceId = z.string().meta({ examples: ["an-example-device-id"] });

/** What a sign-in says about its device, if the cookie does not. */
export const signInDevice = {
  device_id: deviceId.optional().describe("The `device_id` of an earlier sign-in, for apps without cookies"),
};

/** The reply of sign-ins and refreshes. */
export const signInReply = z.object({
  access_token: z.string().meta({ examples: ["an.example.access-token"] }),
  token_type: z.literal("bearer"),
  expires_in: z.number().describe("Seconds until the access token expires"),
  user,
  refresh_token: refreshToken.optional().describe('Only with `transport: "body"`'),
  device_id: deviceId.optional().describe('Of a sign-in with `transport: "body"`: send it with the next one'),
});

/** The session's own refresh token, if it is not in the cookie. */
export const sessionProof = {
  refresh_token: refreshToken.optional().describe("The session's refresh token, unless the cookie carries it"),
};

/** A sign-in's tokens as a reply: the refresh token goes either into the cookie or into the body, never both. */
export function signedIn(
  context: CallContext,
  tokens: IssuedTokens,
  via: z.output<typeof transport>,
): { data: z.input<typeof signInReply>; cookies?: SetCookie[] } {
  const data = {
    access_token: tokens.accessToken,
    token_type: "bearer" as const,
    expires_in: tokens.expiresInSeconds,
    user: toUser(tokens.account),
  };
  if (via === "cookie") return { data, cookies: sessionCookies(context, tokens) };
  const device = tokens.device && { device_id: tokens.device.token };
  return { data: { ...data, refresh_token: tokens.refreshToken, ...device } };
}

/** Like `signedIn`, for a sign-in that ended the session in the browser's cookie: that cookie must not stay. */
export function signedInAnew(
  context: CallContext,
  tokens: IssuedTokens,
  { via, cookies }: { via: z.output<typeof transport>; cookies: ReadonlyMap<string, string> },
): ReturnType<typeof signedIn> {
  const { config } = context.services;
  const answer = signedIn(context, tokens, via);
  const isLeft = via === "body" && readRefreshCookie(config, cookies) !== undefined;
  return isLeft ? { ...answer, cookies: clearedRefreshCookies(config, cookies) } : answer;
}

/** The cookies that keep a browser signed in, and after a sign-in the one by which it is recognised. */
export function sessionCookies(context: CallContext, tokens: IssuedTokens): SetCookie[] {
  const { config } = context.services;
  const device = tokens.device ? [deviceCookie(config, tokens.device.token)] : [];
  return [sessionCookie(context, tokens), ...device];
}

/**
 * The cookie that keeps a browser signed in. Its lifetime is in whole minutes, rounded up: someone who repeats a
 * refresh with a stolen token must not learn when its owner used it, and so when they will again.
 */
function sessionCookie({ services: { config }, now }: CallContext, tokens: IssuedTokens): SetCookie {
  const minutesLeft = Math.ceil((tokens.refreshTokenExpiresAt.getTime() - now.getTime()) / 60_000);
  return refreshCookie(config, tokens.refreshToken, 60 * minutesLeft);
}
