import { providerName } from "../../shared/api/path.ts";
import { grantBody, toGrant } from "../../shared/api/provider-grant.ts";
import { presentedRememberToken } from "../../shared/api/remembered-device.ts";
import { afterFirstFactor, firstFactorReply } from "../../shared/api/second-factor.ts";
import { providerNamed, providerNamedCodes } from "../../shared/flows/social/authorization.ts";
import { signInWithProvider, signInWithProviderCodes } from "../../shared/flows/sign-in/provider-sign-in.ts";
import { redeem, redeemCodes } from "../../shared/flows/social/redeem.ts";
import { presentedDevice, readRefreshCookie } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const exchange = endpoint({
  name: "social-exchange",
  method: "POST",
  route: "auth/oauth/{provider}",
  path: { provider: providerName },
  summary: "OAuth login with a code or token from the provider",
  description:
    "For apps. Takes a code with its `redirect_uri` and `code_verifier`, an `id_token` with its `nonce`, or an `access_token`. Answers as `/auth/login` does.",
  access: "public",
  limits: ["social"],
  usesCookies: true,
  recorded: [
    "sign_in.succeeded",
    "account.registered",
    "identity.linked",
    "account.address_proven",
    "identity.unlinked",
    "session.ended",
    "mfa.required",
  ],
  refused: "sign_in.failed",
  body: grantBody,
  reply: firstFactorReply,
  message: "Login successful",
  errors: [...providerNamedCodes, ...redeemCodes, ...signInWithProviderCodes],
  async handle({ path, body, cookies, context }) {
    const { services } = context;
    const provider = providerNamed(context, path.provider);
    const profile = await redeem(context, { provider, grant: toGrant(body) });
    const outcome = await signInWithProvider(context, {
      provider,
      profile,
      replaces: readRefreshCookie(services.config, cookies),
      device: presentedDevice(services.config, { body, cookies }),
      remembered: presentedRememberToken(services.config, { body, cookies }),
    });
    return afterFirstFactor(context, outcome, { via: body.transport, cookies });
  },
});
