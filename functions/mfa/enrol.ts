import * as z from "zod";
import { enrolmentReply, factorName, mfaToken, readMfaCookie } from "../../shared/api/second-factor.ts";
import { signInDevice } from "../../shared/api/session.ts";
import { beginEnrolment, beginEnrolmentCodes } from "../../shared/flows/mfa/enrol.ts";
import { presentedDevice } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { qrSvg } from "../../shared/mfa/totp.ts";

export const enrol = endpoint({
  name: "mfa-enrol",
  method: "POST",
  route: "auth/mfa/enrolment",
  summary: "Begin to add the authenticator app that a sign-in waits for",
  description:
    "With `MFA_REQUIRED=all`, for an account without a second factor. Takes the `mfa_token` of the first factor's answer, on the same device. `POST /auth/mfa/enrolment/{id}/confirm` completes the sign-in.",
  access: "public",
  limits: ["credentials"],
  usesCookies: true,
  recorded: ["factor.added"],
  refused: "factor.refused",
  body: z.strictObject({
    mfa_token: mfaToken.optional().describe("Unless the cookie carries it"),
    name: factorName.optional(),
    ...signInDevice,
  }),
  reply: enrolmentReply,
  message: "Scan the code, and confirm it",
  errors: beginEnrolmentCodes,
  async handle({ body, cookies, context }) {
    const { config } = context.services;
    const token = body.mfa_token ?? readMfaCookie(config, cookies) ?? "";
    const enrolling = { mfaToken: token, device: presentedDevice(config, { body, cookies }), name: body.name ?? null };
    const enrolment = await beginEnrolment(context, enrolling);
    return { data: { ...enrolment, qr_svg: await qrSvg(enrolment.uri) } };
  },
});
