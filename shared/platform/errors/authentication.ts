import type { ErrorEntries } from "./entry.ts";

/** Signing in, and proving that one has. */
export const authenticationErrors = {
  INVALID_CREDENTIALS: {
    status: 401,
    message: "The email address or the password is wrong",
    remedy: "Try again. The answer is the same whether the account exists or not.",
  },
  UNAUTHENTICATED: {
    status: 401,
    message: "A valid access token is required",
    remedy: "Send `Authorization: Bearer <access_token>`, or sign in again: the session may have ended.",
  },
  TOKEN_EXPIRED: {
    status: 401,
    message: "The access token has expired",
    remedy: "Get a new one from `POST /auth/refresh`.",
  },
  REFRESH_TOKEN_MISSING: {
    status: 401,
    message: "No refresh token was sent",
    remedy: "Send the cookie (`credentials: include`), or `refresh_token` in the body.",
  },
  REFRESH_TOKEN_INVALID: {
    status: 401,
    message: "The refresh token is not valid",
    remedy: "Sign in again. The token is unknown, expired or used, or its session has ended.",
  },
  SESSION_PROOF_REQUIRED: {
    status: 403,
    message: "The session's own refresh token is required beside the access token",
    remedy: "Send the cookie (`credentials: include`), or `refresh_token` in the body: that of the same session.",
  },
  REAUTHENTICATION_REQUIRED: {
    status: 403,
    message: "The sign-in is too old for this",
    remedy:
      "`POST /auth/reauthenticate`, or sign in again, then repeat: `details.max_age_seconds` says how recent it must be.",
  },
} as const satisfies ErrorEntries;
