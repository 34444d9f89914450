import * as z from "zod";
import { refreshToken } from "../../shared/api/session.ts";
import { endSessions } from "../../shared/flows/sessions/end-sessions.ts";
import { bearerToken } from "../../shared/http/bearer-token.ts";
import { clearedRefreshCookies, readRefreshCookie } from "../../shared/http/cookies.ts";
import { isOwnPage } from "../../shared/http/cors.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

const scope = z.enum(["local", "others", "global"], {
  error: 'must be "local", "others" or "global"',
});

export const logout = endpoint({
  name: "auth-logout",
  method: "POST",
  route: "auth/logout",
  summary: "User logout",
  description:
    "`scope` says which sessions end: `local` this one, `others` all but this one, `global` all. Answers 200 even if the session had already ended.",
  access: "public",
  usesCookies: true,
  accepts: ["bearer", "refresh_token"],
  recorded: ["session.ended"],
  refused: { nothing: "Whoever asks is signed out, whatever they show" },
  body: z.strictObject({ scope: scope.default("local"), refresh_token: refreshToken.optional() }).optional(),
  reply: z.object({ scope }),
  message: "Logged out",
  async handle({ body, cookies, headers, context }) {
    const { services } = context;
    const refreshTokens = [body?.refresh_token, readRefreshCookie(services.config, cookies)].filter(
      (token) => token !== undefined,
    );
    const accessToken = bearerToken(headers.get("authorization"));
    const carriedOut = await endSessions(context, { scope: body?.scope ?? "local", accessToken, refreshTokens });
    // The scope that was applied: a dead credential ends at most its own session.
    const data = { scope: carriedOut };
    if (carriedOut === "others") return { data, message: "Other sessions ended" };
    const { config } = services;
    // Not "cookies", which would clear those of all hosts of the domain. Only browsers that trust the origin obey, and
    // ISSUER names no other.
    const forget = { "Clear-Site-Data": '"cache", "storage"' };
    return {
      data,
      cookies: clearedRefreshCookies(config, cookies),
      ...(isOwnPage(headers, config.service.issuer) && { headers: forget }),
    };
  },
});
