import * as z from "zod";
import { refreshToken, signedIn, signInReply } from "../../shared/api/session.ts";
import { refreshSession, refreshSessionCodes } from "../../shared/flows/sessions/refresh.ts";
import { presentedRefreshToken } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const refresh = endpoint({
  name: "auth-refresh",
  method: "POST",
  route: "auth/refresh",
  summary: "Refresh token",
  description: "Takes the refresh cookie or `refresh_token`, and answers as `/auth/login` does.",
  access: "public",
  limits: ["refresh"],
  usesCookies: true,
  accepts: ["refresh_token"],
  recorded: ["session.refreshed"],
  refused: {
    REFRESH_TOKEN_MISSING: { nothing: "Nobody's session was asked for" },
    REFRESH_TOKEN_INVALID: { nothing: "What was refused is recorded with what it changes" },
    byFlow: ["session.refresh_refused", "session.reuse_detected"],
  },
  body: z.strictObject({ refresh_token: refreshToken.optional() }).optional(),
  reply: signInReply,
  message: "Token refreshed",
  errors: ["REFRESH_TOKEN_MISSING", "REFRESH_TOKEN_INVALID", ...refreshSessionCodes],
  async handle({ body, cookies, context, fail }) {
    const { services } = context;
    // The new token returns the way the old one came.
    const { token, via } = presentedRefreshToken(services.config, { body, cookies });
    if (token === undefined) throw fail("REFRESH_TOKEN_MISSING");
    const tokens = await refreshSession(context, { refreshToken: token });
    if (!tokens) throw fail("REFRESH_TOKEN_INVALID");
    return signedIn(context, tokens, via);
  },
});
