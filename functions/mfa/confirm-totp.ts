import * as z from "zod";
import { factorId, factorsReply, readFactors, typedCode } from "../../shared/api/second-factor.ts";
import { sessionProof, signInDevice } from "../../shared/api/session.ts";
import { confirmAuthenticator, confirmAuthenticatorCodes } from "../../shared/flows/mfa/authenticators.ts";
import { presentedDevice } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const confirmTotp = endpoint({
  name: "mfa-confirm-totp",
  method: "POST",
  route: "auth/mfa/totp/{id}/confirm",
  path: { id: factorId },
  summary: "Confirm an authenticator app with its first code",
  description:
    "From now on signing in takes a second factor. This session has shown one: its next access token says so (`POST /auth/refresh`). The first app ends the account's other sessions.",
  access: "session",
  confirmation: "fresh_sign_in",
  limits: ["credentials"],
  recorded: ["factor.confirmed", "session.ended"],
  refused: "factor.refused",
  body: z.strictObject({ code: typedCode, ...signInDevice, ...sessionProof }),
  reply: factorsReply,
  message: "Authenticator app added",
  errors: confirmAuthenticatorCodes,
  async handle({ path, body, principal, cookies, context }) {
    const device = presentedDevice(context.services.config, { body, cookies });
    await confirmAuthenticator(context, principal, { id: path.id, code: body.code, device });
    return { data: await readFactors(context, principal.account.id) };
  },
});
