import * as z from "zod";
import { clearedMfaCookie, factorId, mfaToken, readMfaCookie, typedCode } from "../../shared/api/second-factor.ts";
import { signedInAnew, signInDevice, signInReply, transport } from "../../shared/api/session.ts";
import { completeEnrolment as complete, completeEnrolmentCodes } from "../../shared/flows/mfa/enrol.ts";
import { presentedDevice, readRefreshCookie } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const completeEnrolment = endpoint({
  name: "mfa-complete-enrolment",
  method: "POST",
  route: "auth/mfa/enrolment/{id}/confirm",
  path: { id: factorId },
  summary: "Confirm the authenticator app that a sign-in waits for, and complete the sign-in",
  description: "Answers as `/auth/login` does.",
  access: "public",
  limits: ["credentials"],
  usesCookies: true,
  recorded: ["factor.confirmed", "sign_in.succeeded", "session.ended"],
  refused: "factor.refused",
  body: z.strictObject({
    mfa_token: mfaToken.optional().describe("Unless the cookie carries it"),
    code: typedCode,
    transport: transport.default("cookie"),
    ...signInDevice,
  }),
  reply: signInReply,
  message: "Login successful",
  errors: completeEnrolmentCodes,
  async handle({ path, body, cookies, context }) {
    const { config } = context.services;
    const inCookie = readMfaCookie(config, cookies);
    const enrolling = {
      mfaToken: body.mfa_token ?? inCookie ?? "",
      device: presentedDevice(config, { body, cookies }),
      replaces: readRefreshCookie(config, cookies),
    };
    const tokens = await complete(context, { ...enrolling, id: path.id, code: body.code });
    const { cookies: set = [], ...answer } = signedInAnew(context, tokens, { via: body.transport, cookies });
    return { ...answer, cookies: inCookie === undefined ? set : [...set, clearedMfaCookie(config)] };
  },
});
