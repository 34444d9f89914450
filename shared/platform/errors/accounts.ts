import type { ErrorEntries } from "./entry.ts";

/** Accounts and the ways into them. */
export const accountErrors = {
  ACCOUNT_INACTIVE: {
    status: 403,
    message: "This account is not active",
    remedy: "Ask the operator.",
  },
  EMAIL_ALREADY_REGISTERED: {
    status: 409,
    message: "An account with this email address exists",
    remedy: "Log in instead, by the password or the provider that the account was made with.",
  },
  LAST_SIGN_IN_METHOD: {
    status: 409,
    message: "This is the account's last way to sign in",
    remedy: "Add another identity first.",
  },
} as const satisfies ErrorEntries;
