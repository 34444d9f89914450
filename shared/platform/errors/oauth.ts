import type { ErrorEntries } from "./entry.ts";

/** What the endpoints for OAuth clients refuse (RFC 6749, section 5.2). */
export const oauthErrors = {
  INVALID_REQUEST: {
    status: 400,
    message: "The request is not well-formed",
    remedy: "`error_description` says which parameter is missing, comes twice or does not go with another.",
  },
  INVALID_GRANT: {
    status: 400,
    message: "The token is not valid, or belongs to another client",
    remedy: "Sign in again, or name the client that the token was issued to.",
  },
  INVALID_SCOPE: {
    status: 400,
    message: "The client may not ask for this scope",
    remedy: "Ask for scopes that the client was created with, or for none: then it gets all of them.",
  },
  UNAUTHORIZED_CLIENT: {
    status: 400,
    message: "The client may not use this grant type",
    remedy: "A public client refreshes; `client_credentials` is for clients with a secret.",
  },
  UNSUPPORTED_GRANT_TYPE: {
    status: 400,
    message: "This grant type is not offered",
    remedy: "Use `client_credentials` or `refresh_token`.",
  },
  UNSUPPORTED_RESPONSE_TYPE: {
    status: 400,
    message: "There is no authorization endpoint yet: people sign in at /auth/login",
    remedy: "Use `POST /auth/login`.",
  },
  INVALID_CLIENT: {
    status: 401,
    message: "The client could not be authenticated",
    remedy:
      "Send `client_id` and `client_secret` by HTTP Basic or in the form, not both; `npm run clients -- list` shows who is known.",
  },
} as const satisfies ErrorEntries;
