import type { ErrorEntries } from "./entry.ts";

/** Errors of accounts and their sign-in methods. */
export const accountErrors = {
  ACCOUNT_INACTIVE: {
    status: 403,
    message: "This account is inactive",
    remedy: "Ask the operator to reactivate it.",
  },
  ACCOUNT_DELETION_PENDING: {
    status: 403,
    message: "This account has been deleted and will soon be erased",
    remedy: "Until `details.erased_at`, `POST /auth/me/deletion/cancel` restores it.",
  },
  EMAIL_ALREADY_REGISTERED: {
    status: 409,
    message: "An account with this email address already exists",
    remedy: "Sign in instead, with the account's password or provider.",
  },
  TOKEN_INVALID_OR_EXPIRED: {
    status: 400,
    message: "This link or code is not valid any more",
    remedy: "Ask for a new mail. A link can be used once, and for a limited time; a newer mail ends it.",
  },
  TOO_MANY_FACTORS: {
    status: 409,
    message: "The account has as many authenticator apps as it may",
    remedy: "Remove one with `DELETE /auth/mfa/totp/{id}`.",
  },
  TOO_MANY_PASSKEYS: {
    status: 409,
    message: "The account has as many passkeys as it may",
    remedy: "Remove one with `DELETE /auth/passkeys/{id}`.",
  },
  NO_SECOND_FACTOR: {
    status: 409,
    message: "The account has no second factor",
    remedy: "Add an authenticator app first, with `POST /auth/mfa/totp`.",
  },
  LAST_SIGN_IN_METHOD: {
    status: 409,
    message: "This is the account's only sign-in method",
    remedy: "Link another identity first.",
  },
} as const satisfies ErrorEntries;
