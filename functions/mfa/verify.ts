import * as z from "zod";
import { rememberCookie, rememberToken } from "../../shared/api/remembered-device.ts";
import {
  clearedMfaCookie,
  checkFactor,
  factorMembers,
  mfaToken,
  readMfaCookie,
  toFactor,
} from "../../shared/api/second-factor.ts";
import { signedInAnew, signInDevice, signInReply, transport } from "../../shared/api/session.ts";
import { verifySecondFactor, verifySecondFactorCodes } from "../../shared/flows/mfa/verify.ts";
import { presentedDevice, readRefreshCookie } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const verify = endpoint({
  name: "mfa-verify",
  method: "POST",
  route: "auth/mfa/verify",
  summary: "Complete a sign-in with its second factor",
  description:
    "Takes the `mfa_token` of the first factor's answer, on the same device, and answers as `/auth/login` does. A passkey is shown by `credential`, after `POST /auth/mfa/passkey/options`. With `remember`, signing in on this device needs no second factor for a time. After a sign-in at a provider through the browser, a cookie carries the token.",
  access: "public",
  limits: ["credentials"],
  usesCookies: true,
  body: z
    .strictObject({
      mfa_token: mfaToken.optional().describe("Unless the cookie carries it"),
      ...factorMembers,
      remember: z
        .boolean()
        .default(false)
        .describe(
          "Whether this device is to need no second factor for `MFA_REMEMBER_DAYS`; without effect where that is 0, and with a mailed code",
        ),
      transport: transport.default("cookie"),
      ...signInDevice,
    })
    .superRefine(checkFactor),
  reply: signInReply.extend({
    remember_token: rememberToken
      .optional()
      .describe('With `remember` and `transport: "body"`: send it with the next first factor'),
  }),
  message: "Login successful",
  errors: verifySecondFactorCodes,
  recorded: ["mfa.succeeded", "recovery_code.used", "remembered_device.added", "sign_in.succeeded", "session.ended"],
  refused: {
    MFA_CODE_INVALID: "mfa.failed",
    MFA_TOKEN_INVALID: "mfa.failed",
    byFlow: ["passkey.count_reversed"],
  },
  async handle({ body, cookies, context }) {
    const { config } = context.services;
    const inCookie = readMfaCookie(config, cookies);
    const held = { replaces: readRefreshCookie(config, cookies), device: presentedDevice(config, { body, cookies }) };
    const shown = { mfaToken: body.mfa_token ?? inCookie ?? "", ...toFactor(body) };
    const { remember, transport: via } = body;
    const tokens = await verifySecondFactor(context, { ...shown, ...held, remember });
    const { data, cookies: set = [] } = signedInAnew(context, tokens, { via, cookies });
    const cleared = inCookie === undefined ? [] : [clearedMfaCookie(config)];
    const { rememberToken: token } = tokens;
    if (token === undefined) return { data, cookies: [...set, ...cleared] };
    if (via === "body") return { data: { ...data, remember_token: token }, cookies: [...set, ...cleared] };
    return { data, cookies: [...set, ...cleared, rememberCookie(config, token)] };
  },
});
