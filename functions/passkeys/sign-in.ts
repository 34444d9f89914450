import * as z from "zod";
import { offersPasskeys, shownCredential } from "../../shared/api/passkey.ts";
import { afterFirstFactor, firstFactorReply } from "../../shared/api/second-factor.ts";
import { signInDevice, transport } from "../../shared/api/session.ts";
import { signInWithPasskey, signInWithPasskeyCodes } from "../../shared/flows/passkeys/sign-in.ts";
import { presentedDevice, readRefreshCookie } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const signIn = endpoint({
  name: "passkeys-sign-in",
  method: "POST",
  route: "auth/passkeys/sign-in",
  summary: "Sign in with a passkey, without a password",
  description:
    "Answers as `/auth/login` does. A passkey whose authenticator has verified its user counts as two factors; another is a first factor.",
  access: "public",
  offered: offersPasskeys,
  limits: ["credentials"],
  usesCookies: true,
  body: z.strictObject({
    challenge_id: z.string().meta({ examples: ["an-example-challenge-id"] }),
    credential: shownCredential,
    transport: transport.default("cookie"),
    ...signInDevice,
  }),
  reply: firstFactorReply,
  message: "Login successful",
  errors: signInWithPasskeyCodes,
  recorded: ["sign_in.succeeded", "session.ended", "mfa.required"],
  refused: {
    PASSKEY_INVALID: "sign_in.failed",
    PASSKEY_UNKNOWN: "sign_in.failed",
    ACCOUNT_DELETION_PENDING: "sign_in.failed",
    byFlow: ["passkey.count_reversed"],
  },
  async handle({ body, cookies, context }) {
    const { config } = context.services;
    const { challenge_id: challengeId, credential, transport: via } = body;
    const held = { replaces: readRefreshCookie(config, cookies), device: presentedDevice(config, { body, cookies }) };
    const outcome = await signInWithPasskey(context, { challengeId, credential, ...held });
    return afterFirstFactor(context, outcome, { via, cookies });
  },
});
