import type { ErrorEntries } from "./entry.ts";

/** Errors of signing in with an identity provider. */
export const socialErrors = {
  INVALID_STATE: {
    status: 400,
    message: "This sign-in began in another browser, is already finished, or took too long",
    remedy: "Start again at `/auth/oauth/{provider}/authorize`, in the same browser.",
  },
  PROVIDER_TOKEN_INVALID: {
    status: 401,
    message: "The provider's code or token is not valid",
    remedy: "Start again. The code or token has expired, was already used, or was issued to another application.",
  },
  ACCESS_DENIED: {
    status: 403,
    message: "The sign-in was cancelled at the provider",
    remedy: "Try again, or use another sign-in method.",
  },
  PROVIDER_NOT_CONFIGURED: {
    status: 404,
    message: "This provider is not configured",
    remedy: "`GET /auth/oauth/providers` lists the configured providers; docs/social-login.md explains how to add one.",
  },
  IDENTITY_NOT_FOUND: {
    status: 404,
    message: "The account has no identity at this provider",
    remedy: "`GET /auth/me/identities` lists the account's identities.",
  },
  LINK_REQUIRES_PROOF: {
    status: 409,
    message: "An account with this email address already exists, and the provider does not prove that it is yours",
    remedy:
      "Sign in to that account, then link the identity with `POST /auth/me/identities/{provider}`. `details.link_at` is the path.",
  },
  IDENTITY_ALREADY_LINKED: {
    status: 409,
    message: "This identity is linked to another account",
    remedy: "Sign in with it, or unlink it from the other account first.",
  },
  PROVIDER_ERROR: {
    status: 502,
    message: "The provider returned an error",
    remedy: "Try again, or use another sign-in method. The log has the provider's own error code.",
  },
  PROVIDER_UNAVAILABLE: {
    status: 502,
    message: "The provider is unreachable or gave an unusable answer",
    remedy: "Try again later, or use another sign-in method.",
  },
} as const satisfies ErrorEntries;
