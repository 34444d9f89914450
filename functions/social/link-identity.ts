import * as z from "zod";
import { beginAuthorization, providerNamed, redirectTarget } from "../../shared/flows/authorization.ts";
import { linkIdentity as link } from "../../shared/flows/identities.ts";
import { redeem } from "../../shared/flows/redeem.ts";
import { attemptCookie } from "../../shared/http/attempt-cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readIdentities } from "../../shared/http/identities.ts";
import { identities, linkBody, toGrant } from "../../shared/http/provider-schemas.ts";

export const linkIdentity = endpoint({
  name: "social-link-identity",
  method: "POST",
  route: "auth/me/identities/{provider}",
  summary: "Link an identity to the account, with a code or token or through the browser",
  access: "session",
  confirmation: "fresh_sign_in",
  usesCookies: true,
  failureEvent: "identity.refused",
  body: linkBody,
  reply: z.object({
    ...identities.partial().shape,
    authorization_url: z
      .string()
      .optional()
      .describe("Where to send this browser; only if the request has `redirect_to`"),
  }),
  errors: [
    "PROVIDER_NOT_CONFIGURED",
    "PROVIDER_UNAVAILABLE",
    "PROVIDER_TOKEN_INVALID",
    "IDENTITY_ALREADY_LINKED",
    "OVERLOADED",
  ],
  async handle({ params, body, principal, cookies, client, now, services }) {
    const provider = providerNamed(services, params["provider"]);
    const owner = { accountId: principal.account.id, sessionId: principal.sessionId };
    if (body.redirect_to !== undefined) {
      const redirectTo = redirectTarget(services, body.redirect_to);
      const begun = await beginAuthorization(services, { provider, redirectTo, link: owner }, now);
      const bound = attemptCookie(services.config, cookies, begun.sealed);
      return {
        data: { authorization_url: begun.authorizationUrl },
        message: "Continue at the provider",
        cookies: [bound],
      };
    }
    const profile = await redeem(services, { provider, grant: toGrant(body) }, now);
    await link(services, { owner, provider, profile, client }, now);
    return { data: await readIdentities(services, owner.accountId), message: "Identity linked" };
  },
});
