import type { ErrorEntries } from "./entry.ts";

/** Errors of the endpoints for OAuth clients (RFC 6749, section 5.2). */
export const oauthErrors = {
  INVALID_REQUEST: {
    status: 400,
    message: "The request is malformed",
    remedy: "`error_description` says which parameter is missing, repeated or out of place.",
  },
  INVALID_GRANT: {
    status: 400,
    message: "The token is not valid, or was issued to another client",
    remedy: "Sign in again, or use the client that the token was issued to.",
  },
  INVALID_SCOPE: {
    status: 400,
    message: "The client may not request this scope",
    remedy: "Request scopes that the client was created with, or omit `scope` to get all of them.",
  },
  UNAUTHORIZED_CLIENT: {
    status: 400,
    message: "The client may not use this grant type",
    remedy: "Public clients can only refresh; `client_credentials` needs a client with a secret.",
  },
  UNSUPPORTED_GRANT_TYPE: {
    status: 400,
    message: "This grant type is not supported",
    remedy: "Use `client_credentials` or `refresh_token`.",
  },
  UNSUPPORTED_RESPONSE_TYPE: {
    status: 400,
    message: "The authorization endpoint supports no response type yet; people sign in at /auth/login",
    remedy: "Use `POST /auth/login`.",
  },
  INVALID_CLIENT: {
    status: 401,
    message: "Client authentication failed",
    remedy:
      "Send `client_id` and `client_secret` by HTTP Basic or in the form, but not both. `npm run clients -- list` shows the registered clients.",
  },
} as const satisfies ErrorEntries;
