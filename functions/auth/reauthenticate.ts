import { proofBody, toDemand } from "../../shared/api/identity-proof.ts";
import { toGrant } from "../../shared/api/provider-grant.ts";
import { toFactor } from "../../shared/api/second-factor.ts";
import { signedIn, signInReply } from "../../shared/api/session.ts";
import { providerNamed, providerNamedCodes } from "../../shared/flows/social/authorization.ts";
import {
  reauthenticateSession,
  reauthenticateSessionCodes,
  type Proof,
} from "../../shared/flows/sign-in/reauthenticate.ts";
import { redeem, redeemCodes } from "../../shared/flows/social/redeem.ts";
import { presentedRefreshToken } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const reauthenticate = endpoint({
  name: "auth-reauthenticate",
  method: "POST",
  route: "auth/reauthenticate",
  summary: "Confirm the signed-in person's identity, before changing how the account signs in",
  description:
    "Takes the password, a second factor (`method` and `code`, or `credential` after `POST /auth/passkeys/step-up/options`), or what a provider gave. Answers as `/auth/refresh` does. Where the account has a second factor, changes of how it is signed in to want that one. `max_age` and `acr_values` of an API's challenge (RFC 9470) are met, or the call is refused.",
  access: "session",
  confirmation: "session_proof",
  limits: ["credentials"],
  recorded: ["session.reauthenticated", "recovery_code.used"],
  refused: { otherwise: "session.reauthentication_failed", byFlow: ["passkey.count_reversed"] },
  body: proofBody,
  reply: signInReply,
  message: "Reauthenticated",
  errors: [...providerNamedCodes, ...redeemCodes, ...reauthenticateSessionCodes],
  async handle({ body, principal, cookies, context }) {
    const { config } = context.services;
    const { token: refreshToken = "", via } = presentedRefreshToken(config, { body, cookies });
    let proof: Proof;
    if (body.password !== undefined) proof = { password: body.password };
    else if (body.method !== undefined) proof = toFactor({ ...body, method: body.method });
    else {
      const provider = providerNamed(context, body.provider);
      proof = { provider, profile: await redeem(context, { provider, grant: toGrant(body) }) };
    }
    const asked = { principal, refreshToken, proof, demand: toDemand(body) };
    const tokens = await reauthenticateSession(context, asked);
    return signedIn(context, tokens, via);
  },
});
