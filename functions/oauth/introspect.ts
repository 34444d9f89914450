import * as z from "zod";
import { clientParameters } from "../../shared/api/client.ts";
import { lookUpToken } from "../../shared/flows/oauth/look-up-token.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { oauth } from "../../shared/http/formats/oauth.ts";

export const introspect = endpoint({
  name: "oauth-introspect",
  method: "POST",
  route: "oauth/introspect",
  summary: "Token introspection (RFC 7662)",
  access: "client",
  limits: ["token"],
  recorded: { nothing: "Nothing changes, and APIs may ask at every call" },
  refused: { INVALID_CLIENT: "client.refused" },
  format: oauth,
  body: z.object({ ...clientParameters, token: z.string(), token_type_hint: z.string().optional() }),
  reply: z.object({
    active: z.boolean(),
    iss: z.string().optional(),
    sub: z.string().optional(),
    aud: z.string().optional(),
    client_id: z.string().optional(),
    sid: z.string().optional(),
    scope: z.string().optional(),
    token_type: z.literal("Bearer").optional().describe("Access tokens only"),
    jti: z.string().optional(),
    iat: z.number().optional(),
    auth_time: z
      .number()
      .optional()
      .describe("Only for people's access tokens, as are acr and amr (RFC 9470, section 6.2)"),
    acr: z.string().optional(),
    amr: z.array(z.string()).optional(),
    exp: z.number().optional(),
  }),
  errors: ["INVALID_CLIENT"],
  async handle({ body, caller, context, fail }) {
    const { services } = context;
    // Anyone can claim to be a public client, so anyone would see what such a client may see.
    if (caller.isPublic) throw fail("INVALID_CLIENT");
    const isRefreshToken = body.token_type_hint === "refresh_token";
    const found = await lookUpToken(context, { token: body.token, isRefreshToken, caller });
    if (!found) return { data: { active: false } };
    const { service, tokens } = services.config;
    const { access } = found;
    const ofAccess = access && {
      token_type: "Bearer" as const,
      aud: tokens.audience,
      jti: access.tokenId,
      iat: access.issuedAt,
      scope: access.scope,
      ...(access.authentication && { ...access.authentication, amr: [...access.authentication.amr] }),
    };
    return {
      data: {
        active: true,
        iss: service.issuer,
        sub: found.subject,
        client_id: found.clientId,
        sid: found.sessionId,
        exp: found.expiresAt,
        ...ofAccess,
      },
    };
  },
});
