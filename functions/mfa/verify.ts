import * as z from "zod";
import { rememberCookie, rememberToken } from "../../shared/api/remembered-device.ts";
import { clearedMfaCookie, mfaToken, readMfaCookie, secondFactor, typedCode } from "../../shared/api/second-factor.ts";
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
    "Takes the `mfa_token` of the first factor's answer, on the same device, and answers as `/auth/login` does. With `remember`, signing in on this device needs no second factor for a time. After a sign-in at a provider through the browser, a cookie carries the token.",
  access: "public",
  limits: ["credentials"],
  usesCookies: true,
  body: z.strictObject({
    mfa_token: mfaToken.optional().describe("Unless the cookie carries it"),
    method: secondFactor,
    code: typedCode,
    remember: z
      .boolean()
      .default(false)
      .describe(
        "Whether this device is to need no second factor for `MFA_REMEMBER_DAYS`; without effect where that is 0",
      ),
    transport: transport.default("cookie"),
    ...signInDevice,
  }),
  reply: signInReply.extend({
    remember_token: rememberToken
      .optional()
      .describe('With `remember` and `transport: "body"`: send it with the next first factor'),
  }),
  message: "Login successful",
  errors: verifySecondFactorCodes,
  recorded: ["mfa.succeeded", "recovery_code.used", "remembered_device.added", "sign_in.succeeded", "session.ended"],
  refused: { MFA_CODE_INVALID: "mfa.failed", MFA_TOKEN_INVALID: "mfa.failed" },
  async handle({ body, cookies, context }) {
    const { config } = context.services;
    const inCookie = readMfaCookie(config, cookies);
    const held = { replaces: readRefreshCookie(config, cookies), device: presentedDevice(config, { body, cookies }) };
    const shown = { mfaToken: body.mfa_token ?? inCookie ?? "", method: body.method, code: body.code };
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
