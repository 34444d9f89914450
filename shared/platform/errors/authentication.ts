import type { ErrorEntries } from "./entry.ts";

/** Errors of signing in, and of proving who is calling. */
export const authenticationErrors = {
  INVALID_CREDENTIALS: {
    status: 401,
    message: "The email address or the password is wrong",
    remedy: "Check both and try again. The answer is the same whether or not the account exists.",
  },
  EMAIL_NOT_VERIFIED: {
    status: 403,
    message: "The email address is not verified yet",
    remedy: "Open the link in the mail, or get another one with `POST /auth/email/resend`.",
  },
  CAPTCHA_REQUIRED: {
    status: 403,
    message: "A captcha must be solved first",
    remedy:
      "Show the captcha of `details.provider` with `details.site_key` and `details.action`, and repeat the call with its token as `captcha_token`. A token works once.",
  },
  PASSWORD_COMPROMISED: {
    status: 403,
    message: "This password is known from a data breach",
    remedy:
      "Choose another password with the link of the mail that is on its way, or get one with `POST /auth/password/forgot`.",
  },
  MFA_CODE_INVALID: {
    status: 401,
    message: "The code is wrong",
    remedy:
      "Type the code that the app shows now. A code works once: after one was taken, wait for the next. Five wrong codes end the `mfa_token`.",
  },
  MFA_TOKEN_INVALID: {
    status: 401,
    message: "This sign-in cannot be continued",
    remedy:
      "Sign in again. An `mfa_token` works once, within five minutes, on the device that it was given to, and not after five wrong codes.",
  },
  MFA_METHOD_UNAVAILABLE: {
    status: 409,
    message: "This sign-in gets no code by mail",
    remedy:
      "Show another of the `methods` that the first factor's answer lists. If `email` is one of them, sign in again: a sign-in gets three codes.",
  },
  PASSKEY_INVALID: {
    status: 401,
    message: "The passkey's answer is not valid",
    remedy:
      "Get new options, and ask the browser again. A challenge works once, within five minutes, for what it was asked for, on the origins of `RP_ORIGINS`. Where everybody needs a second factor, and the account has no app, show another first factor before a passkey that does not verify its user.",
  },
  PASSKEY_UNKNOWN: {
    status: 401,
    message: "No account has this passkey",
    remedy:
      "Sign in another way. Pass `details.rp_id` and `details.credential_id` to `PublicKeyCredential.signalUnknownCredential()`, so that the passkey is not offered again.",
  },
  UNAUTHENTICATED: {
    status: 401,
    message: "A valid access token is required",
    remedy:
      "Send `Authorization: Bearer <access_token>`. If the token is rejected, sign in again: its session has ended.",
  },
  TOKEN_EXPIRED: {
    status: 401,
    message: "The access token has expired",
    remedy: "Get a new one with `POST /auth/refresh`.",
  },
  REFRESH_TOKEN_MISSING: {
    status: 401,
    message: "No refresh token was sent",
    remedy: "Send the cookie (`credentials: include`), or `refresh_token` in the body.",
  },
  REFRESH_TOKEN_INVALID: {
    status: 401,
    message: "The refresh token is not valid",
    remedy: "Sign in again. The token is unknown, expired or already used, or its session has ended.",
  },
  SESSION_PROOF_REQUIRED: {
    status: 403,
    message: "This call also needs the session's refresh token",
    remedy:
      "Send the cookie (`credentials: include`), or `refresh_token` in the body. It must belong to the same session as the access token.",
  },
  REAUTHENTICATION_REQUIRED: {
    status: 403,
    message: "This call needs a more recent sign-in",
    remedy:
      "Call `POST /auth/reauthenticate` or sign in again, then retry. `details.max_age_seconds` says how recent the sign-in must be; with `details.acr_values` a second factor must be shown, which a password is not.",
  },
} as const satisfies ErrorEntries;
