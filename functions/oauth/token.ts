import * as z from "zod";
import { clientParameters } from "../../shared/api/client.ts";
import { grantedScope } from "../../shared/clients/client.ts";
import { grantClientToken, grantClientTokenCodes } from "../../shared/flows/oauth/client-grant.ts";
import { refreshSession, refreshSessionCodes } from "../../shared/flows/sessions/refresh.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { oauth } from "../../shared/http/formats/oauth.ts";

export const token = endpoint({
  name: "oauth-token",
  method: "POST",
  route: "oauth/token",
  summary: "Token endpoint (RFC 6749) for client_credentials and refresh_token",
  access: "client",
  limits: ["token"],
  recorded: ["client.token_issued", "session.refreshed"],
  refused: {
    INVALID_CLIENT: "client.refused",
    INVALID_SCOPE: "client.refused",
    UNAUTHORIZED_CLIENT: "client.refused",
    INVALID_GRANT: { nothing: "What was refused is recorded with what it changes" },
    INVALID_REQUEST: { nothing: "A mistake in the request" },
    UNSUPPORTED_GRANT_TYPE: { nothing: "A mistake in the request" },
    byFlow: ["client.refused", "session.refresh_refused", "session.reuse_detected"],
  },
  format: oauth,
  body: z.object({
    ...clientParameters,
    grant_type: z.string(),
    refresh_token: z.string().optional(),
    scope: z.string().optional(),
  }),
  reply: z.object({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.number().describe("Seconds until the access token expires"),
    refresh_token: z.string().optional(),
    scope: z.string().optional(),
  }),
  errors: [
    "INVALID_REQUEST",
    "INVALID_GRANT",
    "INVALID_SCOPE",
    "UNAUTHORIZED_CLIENT",
    "UNSUPPORTED_GRANT_TYPE",
    "INVALID_CLIENT",
    ...grantClientTokenCodes,
    ...refreshSessionCodes,
  ],
  async handle({ body, caller, concerns, context, fail }) {
    const { services } = context;
    if (body.grant_type === "client_credentials") {
      if (caller.isPublic) throw fail("UNAUTHORIZED_CLIENT");
      const scope = grantedScope(caller, body.scope);
      if (scope === undefined) throw fail("INVALID_SCOPE");
      const granted = await grantClientToken(context, { caller, scope });
      if (!granted) throw fail("INVALID_CLIENT");
      return { data: { ...bearer(granted.token, granted.expiresInSeconds), ...(scope !== "" && { scope }) } };
    }
    if (body.grant_type !== "refresh_token") throw fail("UNSUPPORTED_GRANT_TYPE");
    if (body.refresh_token === undefined)
      throw fail("INVALID_REQUEST", { details: { reason: "refresh_token is required" } });
    // The refresh tokens of sign-ins belong to the first-party client, and have no scope that could be narrowed.
    if (caller.id !== services.config.tokens.clientId) {
      concerns({ clientId: caller.id, refused: "client.refused", reason: "a refresh token is not for it" });
      throw fail("INVALID_GRANT");
    }
    if (body.scope !== undefined) throw fail("INVALID_SCOPE");
    const tokens = await refreshSession(context, { refreshToken: body.refresh_token });
    if (!tokens) throw fail("INVALID_GRANT");
    return { data: { ...bearer(tokens.accessToken, tokens.expiresInSeconds), refresh_token: tokens.refreshToken } };
  },
});

function bearer(accessToken: string, expiresInSeconds: number) {
  return { access_token: accessToken, token_type: "Bearer" as const, expires_in: expiresInSeconds };
}
