import * as z from "zod";
import { solvedCaptcha } from "../../shared/api/captcha.ts";
import { email, password } from "../../shared/api/account.ts";
import { presentedRememberToken, rememberedBy } from "../../shared/api/remembered-device.ts";
import { afterFirstFactor, firstFactorReply } from "../../shared/api/second-factor.ts";
import { signInDevice, transport } from "../../shared/api/session.ts";
import { signInWithPassword, signInWithPasswordCodes } from "../../shared/flows/sign-in/password-sign-in.ts";
import { presentedDevice, readRefreshCookie } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const login = endpoint({
  name: "auth-login",
  method: "POST",
  route: "auth/login",
  summary: "User login",
  description:
    'The answer sets the refresh cookie. With `transport: "body"` the refresh token is in the answer instead. Where a second factor is due, the answer has `mfa_required` and an `mfa_token`, and nobody is signed in before `POST /auth/mfa/verify`; unless the device is remembered.',
  access: "public",
  limits: ["credentials"],
  usesCookies: true,
  body: z.strictObject({
    email,
    password,
    transport: transport.default("cookie"),
    ...signInDevice,
    ...rememberedBy,
    ...solvedCaptcha,
  }),
  reply: firstFactorReply,
  message: "Login successful",
  errors: signInWithPasswordCodes,
  recorded: ["sign_in.succeeded", "session.ended", "mfa.required"],
  refused: {
    INVALID_CREDENTIALS: "sign_in.failed",
    EMAIL_NOT_VERIFIED: "sign_in.failed",
    ACCOUNT_DELETION_PENDING: "sign_in.failed",
    PASSWORD_COMPROMISED: "sign_in.failed",
    CAPTCHA_REQUIRED: { nothing: "No password was tried" },
  },
  async handle({ body, cookies, context }) {
    const { config } = context.services;
    const { email: address, password: typed, transport: via, captcha_token: captchaToken } = body;
    const held = {
      replaces: readRefreshCookie(config, cookies),
      device: presentedDevice(config, { body, cookies }),
      remembered: presentedRememberToken(config, { body, cookies }),
    };
    const outcome = await signInWithPassword(context, { email: address, password: typed, captchaToken, ...held });
    return afterFirstFactor(context, outcome, { via, cookies });
  },
});
