import * as z from "zod";
import { mfaToken } from "../../shared/api/second-factor.ts";
import { signInDevice } from "../../shared/api/session.ts";
import { mailCode as mail, mailCodeCodes } from "../../shared/flows/mfa/mail-code.ts";
import { presentedDevice } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const mailCode = endpoint({
  name: "mfa-mail-code",
  method: "POST",
  route: "auth/mfa/email",
  summary: "Get a code by mail that completes a sign-in",
  description:
    "Where the first factor's answer lists `email` among its `methods`. Takes its `mfa_token`, on the same device. A new code ends the one before; `POST /auth/mfa/verify` takes it.",
  access: "public",
  limits: ["credentials", "code_mail"],
  usesCookies: true,
  recorded: ["mfa.code_mailed"],
  refused: "mfa.failed",
  body: z.strictObject({ mfa_token: mfaToken, ...signInDevice }),
  reply: z.object({
    code: z.literal("sent"),
    expires_in: z.number().describe("Seconds until the code expires, and the `mfa_token` with it"),
  }),
  status: 202,
  message: "A code is on its way",
  errors: mailCodeCodes,
  async handle({ body, cookies, context }) {
    const device = presentedDevice(context.services.config, { body, cookies });
    const { expiresInSeconds } = await mail(context, { mfaToken: body.mfa_token, device });
    return { data: { code: "sent" as const, expires_in: expiresInSeconds } };
  },
});
