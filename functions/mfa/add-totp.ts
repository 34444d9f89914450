import * as z from "zod";
import { enrolmentReply, factorName } from "../../shared/api/second-factor.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { addAuthenticator, addAuthenticatorCodes } from "../../shared/flows/mfa/authenticators.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { qrSvg } from "../../shared/mfa/totp.ts";

export const addTotp = endpoint({
  name: "mfa-add-totp",
  method: "POST",
  route: "auth/mfa/totp",
  summary: "Begin to add an authenticator app (TOTP)",
  description:
    "Nothing changes until `POST /auth/mfa/totp/{id}/confirm`, within 15 minutes, shows that the app has the secret, which no other call tells.",
  access: "session",
  confirmation: "fresh_sign_in",
  limits: ["credentials"],
  recorded: ["factor.added"],
  refused: "factor.refused",
  body: z.strictObject({ name: factorName.optional(), ...sessionProof }).optional(),
  reply: enrolmentReply,
  message: "Scan the code, and confirm it",
  errors: addAuthenticatorCodes,
  async handle({ body, principal, context }) {
    const enrolment = await addAuthenticator(context, principal, body?.name ?? null);
    return { data: { ...enrolment, qr_svg: await qrSvg(enrolment.uri) } };
  },
});
