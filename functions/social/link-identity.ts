import * as z from "zod";
import { attemptCookie } from "../../shared/api/attempt-cookies.ts";
import { identitiesReply, readIdentities } from "../../shared/api/identity.ts";
import { providerName } from "../../shared/api/path.ts";
import { linkBody, toGrant } from "../../shared/api/provider-grant.ts";
import {
  beginAuthorization,
  beginAuthorizationCodes,
  providerNamed,
  providerNamedCodes,
  redirectTarget,
  redirectTargetCodes,
} from "../../shared/flows/social/authorization.ts";
import { addIdentity, addIdentityCodes } from "../../shared/flows/social/identities.ts";
import { redeem, redeemCodes } from "../../shared/flows/social/redeem.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const linkIdentity = endpoint({
  name: "social-link-identity",
  method: "POST",
  route: "auth/me/identities/{provider}",
  path: { provider: providerName },
  summary: "Link an identity to the account, with a code or token or through the browser",
  access: "session",
  confirmation: "fresh_sign_in",
  limits: ["social"],
  usesCookies: true,
  recorded: ["identity.linked", "account.address_proven"],
  refused: "identity.refused",
  body: linkBody,
  reply: z.object({
    ...identitiesReply.partial().shape,
    authorization_url: z
      .string()
      .optional()
      .describe("Where to send this browser; only if the request has `redirect_to`"),
  }),
  errors: [
    ...providerNamedCodes,
    ...redirectTargetCodes,
    ...beginAuthorizationCodes,
    ...redeemCodes,
    ...addIdentityCodes,
  ],
  async handle({ path, body, principal, cookies, context }) {
    const { services } = context;
    const provider = providerNamed(context, path.provider);
    const owner = { accountId: principal.account.id, sessionId: principal.sessionId };
    if (body.redirect_to !== undefined) {
      const redirectTo = redirectTarget(context, body.redirect_to);
      const begun = await beginAuthorization(context, { provider, redirectTo, link: owner });
      const bound = attemptCookie(services.config, cookies, begun.sealed);
      return {
        data: { authorization_url: begun.authorizationUrl },
        message: "Continue at the provider",
        cookies: [bound],
      };
    }
    const profile = await redeem(context, { provider, grant: toGrant(body) });
    await addIdentity(context, { owner, provider, profile });
    return { data: await readIdentities(context, owner.accountId), message: "Identity linked" };
  },
});
