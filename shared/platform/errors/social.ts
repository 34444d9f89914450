import type { ErrorEntries } from "./entry.ts";

/** Signing in at an identity provider. */
export const socialErrors = {
  INVALID_STATE: {
    status: 400,
    message: "This sign-in was not begun in this browser, was finished before, or took too long",
    remedy: "Begin again at `/auth/oauth/{provider}/authorize`, in the same browser.",
  },
  PROVIDER_TOKEN_INVALID: {
    status: 401,
    message: "The provider's code or token is not valid here",
    remedy: "Begin again: it was used before, has expired, or was not made for this application.",
  },
  ACCESS_DENIED: {
    status: 403,
    message: "The sign-in was cancelled at the provider",
    remedy: "Try again, or sign in another way.",
  },
  PROVIDER_NOT_CONFIGURED: {
    status: 404,
    message: "This provider is not set up",
    remedy: "`GET /auth/oauth/providers` lists those that are; docs/social-login.md says how to add one.",
  },
  IDENTITY_NOT_FOUND: {
    status: 404,
    message: "The account has no identity of this provider",
    remedy: "`GET /auth/me/identities` lists those that it has.",
  },
  LINK_REQUIRES_PROOF: {
    status: 409,
    message: "An account with this email address exists, and the provider does not prove that it is yours",
    remedy: "Sign in to that account, then `POST /auth/me/identities/{provider}`: `details.link_at` is its path.",
  },
  IDENTITY_ALREADY_LINKED: {
    status: 409,
    message: "This identity belongs to another account",
    remedy: "Sign in with it, or remove it from the other account first.",
  },
  PROVIDER_ERROR: {
    status: 502,
    message: "The provider reports an error",
    remedy: "Try again, or sign in another way; the log names the provider's own code.",
  },
  PROVIDER_UNAVAILABLE: {
    status: 502,
    message: "The provider cannot be reached, or does not answer as it should",
    remedy: "Try again later, or sign in another way.",
  },
} as const satisfies ErrorEntries;
