import * as z from "zod";
import { offersPasskeys, requestOptionsReply } from "../../shared/api/passkey.ts";
import { mfaToken, readMfaCookie } from "../../shared/api/second-factor.ts";
import { signInDevice } from "../../shared/api/session.ts";
import { secondFactorOptions, secondFactorOptionsCodes } from "../../shared/flows/passkeys/factor-options.ts";
import { presentedDevice } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const passkeyOptions = endpoint({
  name: "mfa-passkey-options",
  method: "POST",
  route: "auth/mfa/passkey/options",
  summary: "Begin to show a passkey as the second factor",
  description:
    "Takes the `mfa_token` of the first factor's answer, on the same device. The options are for `navigator.credentials.get()`; send what it gives to `POST /auth/mfa/verify` as `credential`.",
  access: "public",
  offered: offersPasskeys,
  limits: ["credentials"],
  usesCookies: true,
  recorded: { nothing: "A challenge changes nothing; the passkey that meets it does" },
  refused: "mfa.failed",
  body: z.strictObject({ mfa_token: mfaToken.optional().describe("Unless the cookie carries it"), ...signInDevice }),
  reply: z.object({ options: requestOptionsReply }),
  message: "Show a passkey",
  errors: secondFactorOptionsCodes,
  async handle({ body, cookies, context }) {
    const { config } = context.services;
    const token = body.mfa_token ?? readMfaCookie(config, cookies) ?? "";
    const asked = { mfaToken: token, device: presentedDevice(config, { body, cookies }) };
    return { data: { options: await secondFactorOptions(context, asked) } };
  },
});
