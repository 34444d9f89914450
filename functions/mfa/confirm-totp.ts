import * as z from "zod";
import { factorId, factorsReply, readFactors, typedCode } from "../../shared/api/second-factor.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { confirmAuthenticator, confirmAuthenticatorCodes } from "../../shared/flows/mfa/authenticators.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const confirmTotp = endpoint({
  name: "mfa-confirm-totp",
  method: "POST",
  route: "auth/mfa/totp/{id}/confirm",
  path: { id: factorId },
  summary: "Confirm an authenticator app with its first code",
  description:
    "From now on signing in takes a second factor. This session has shown one: its next access token says so (`POST /auth/refresh`).",
  access: "session",
  confirmation: "fresh_sign_in",
  limits: ["credentials"],
  recorded: ["factor.confirmed"],
  refused: "factor.refused",
  body: z.strictObject({ code: typedCode, ...sessionProof }),
  reply: factorsReply,
  message: "Authenticator app added",
  errors: confirmAuthenticatorCodes,
  async handle({ path, body, principal, context }) {
    await confirmAuthenticator(context, principal, { id: path.id, code: body.code });
    return { data: await readFactors(context, principal.account.id) };
  },
});
