import * as z from "zod";
import { clientParameters } from "../../shared/api/client.ts";
import { revokeToken } from "../../shared/flows/oauth/revoke.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { oauth } from "../../shared/http/formats/oauth.ts";

export const revoke = endpoint({
  name: "oauth-revoke",
  method: "POST",
  route: "oauth/revoke",
  summary: "Token revocation (RFC 7009)",
  access: "client",
  limits: ["token"],
  recorded: ["client.token_revoked", "session.ended"],
  refused: { INVALID_GRANT: "client.refused" },
  format: oauth,
  // The token's form shows its kind, so `token_type_hint` is not needed.
  body: z.object({ ...clientParameters, token: z.string() }),
  reply: z.object({}),
  errors: ["INVALID_GRANT"],
  async handle({ body, caller, context, fail }) {
    const revocation = await revokeToken(context, { token: body.token, caller });
    if (revocation === "foreign") throw fail("INVALID_GRANT", { about: { reason: "another client's token" } });
    return { data: {} };
  },
});
