/**
 * Every error code of the service's API: its HTTP status, the message that callers read, and what they can do about it.
 * `docs/errors.md` is generated from this table.
 */
export const errorTable = {
  INVALID_JSON: {
    status: 400,
    message: "The request body is not valid JSON",
    remedy: "Send one UTF-8 JSON object that names each member once; `details.reason` says what is wrong.",
  },
  INVALID_REQUEST: {
    status: 400,
    message: "The request is not well-formed",
    remedy: "`error_description` says which parameter is missing, comes twice or does not go with another.",
  },
  INVALID_STATE: {
    status: 400,
    message: "This sign-in was not begun in this browser, was finished before, or took too long",
    remedy: "Begin again at `/auth/oauth/{provider}/authorize`, in the same browser.",
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
  INVALID_CREDENTIALS: {
    status: 401,
    message: "The email address or the password is wrong",
    remedy: "Try again. The answer is the same whether the account exists or not.",
  },
  PROVIDER_TOKEN_INVALID: {
    status: 401,
    message: "The provider's code or token is not valid here",
    remedy: "Begin again: it was used before, has expired, or was not made for this application.",
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
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    message: "This origin may not call the service",
    remedy: "Add the web app's origin to `ALLOWED_ORIGINS` (or set `FRONTEND_URL`).",
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
  ACCESS_DENIED: {
    status: 403,
    message: "The sign-in was cancelled at the provider",
    remedy: "Try again, or sign in another way.",
  },
  ACCOUNT_INACTIVE: {
    status: 403,
    message: "This account is not active",
    remedy: "Ask the operator.",
  },
  NOT_FOUND: {
    status: 404,
    message: "There is nothing at this address",
    remedy: "`GET /` lists where to look.",
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
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: "This address does not take that method",
    remedy: "The `Allow` header lists the methods it takes.",
  },
  EMAIL_ALREADY_REGISTERED: {
    status: 409,
    message: "An account with this email address exists",
    remedy: "Log in instead, by the password or the provider that the account was made with.",
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
  LAST_SIGN_IN_METHOD: {
    status: 409,
    message: "This is the account's last way to sign in",
    remedy: "Add another identity first.",
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    message: "The request body is too large",
    remedy: "Send less than `BODY_LIMIT_KIB` (64 KiB unless set).",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: "The request body must be JSON",
    remedy: "Send `Content-Type: application/json`, and no `Content-Encoding`.",
  },
  VALIDATION_ERROR: {
    status: 422,
    message: "Some fields are not valid",
    remedy: "`details.fields` names each of them and its rule.",
  },
  INTERNAL_ERROR: {
    status: 500,
    message: "Something went wrong on our side",
    remedy: "Try again; if it stays, give the operator the `X-Request-Id`.",
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
  DATABASE_UNAVAILABLE: {
    status: 503,
    message: "The database cannot be reached",
    remedy: "Try again after `Retry-After` seconds.",
  },
  SIGNING_UNAVAILABLE: {
    status: 503,
    message: "Tokens cannot be signed now",
    remedy: "Try again after `Retry-After` seconds.",
  },
  SERVICE_MISCONFIGURED: {
    status: 503,
    message: "The service is not set up correctly",
    remedy: "Tell the operator: the service's log names the settings that are wrong.",
  },
  OVERLOADED: {
    status: 503,
    message: "The service is busy",
    remedy: "Try again after `Retry-After` seconds.",
  },
} as const satisfies Record<string, { status: number; message: string; remedy: string }>;

/** A code of the error table. */
export type ErrorCode = keyof typeof errorTable;

/** What may go with an error: `details` reach the caller, `cause` reaches the log alone. */
export interface ApiErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Response headers that this error alone calls for, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one error that a caller may learn of. Anything else that is thrown is a bug and answered as `INTERNAL_ERROR`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly options: ApiErrorOptions;

  constructor(code: ErrorCode, options: ApiErrorOptions = {}) {
    super(errorTable[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.options = options;
  }

  /** The HTTP status of the code. */
  get status(): number {
    return errorTable[this.code].status;
  }
}

/** One field that is not valid, and its rule. */
export function invalidField(field: string, message: string): ApiError {
  return new ApiError("VALIDATION_ERROR", { details: { fields: [{ field, message }] } });
}
