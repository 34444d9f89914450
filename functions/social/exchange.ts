import { providerNamed } from "../../shared/flows/authorization.ts";
import { signInWithProvider } from "../../shared/flows/provider-sign-in.ts";
import { redeem } from "../../shared/flows/redeem.ts";
import { readRefreshCookie } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { grantBody, toGrant } from "../../shared/http/provider-schemas.ts";
import { signInReply } from "../../shared/http/schemas.ts";
import { signedInAnew } from "../../shared/http/signed-in.ts";

export const exchange = endpoint({
  name: "social-exchange",
  method: "POST",
  route: "auth/oauth/{provider}",
  summary: "OAuth login with a code or token from the provider",
  access: "public",
  limits: ["credentials"],
  usesCookies: true,
  failureEvent: "sign_in.failed",
  body: grantBody,
  reply: signInReply,
  message: "Login successful",
  errors: [
    "PROVIDER_NOT_CONFIGURED",
    "PROVIDER_UNAVAILABLE",
    "PROVIDER_TOKEN_INVALID",
    "LINK_REQUIRES_PROOF",
    "ACCOUNT_INACTIVE",
    "OVERLOADED",
  ],
  async handle({ params, body, cookies, client, now, services }) {
    const provider = providerNamed(services, params["provider"]);
    const profile = await redeem(services, { provider, grant: toGrant(body) }, now);
    const grant = await signInWithProvider(
      services,
      { provider, profile, client, replaces: readRefreshCookie(services.config, cookies) },
      now,
    );
    return signedInAnew(grant, { config: services.config, now, via: body.transport, cookies });
  },
});
