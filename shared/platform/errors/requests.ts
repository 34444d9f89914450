import type { ErrorEntries } from "./entry.ts";

/** Errors of requests to any endpoint. */
export const requestErrors = {
  INVALID_JSON: {
    status: 400,
    message: "The request body is not valid JSON",
    remedy: "Send a single JSON object in UTF-8, without duplicate keys. `details.reason` says what is wrong.",
  },
  ADDRESS_NOT_ALLOWED: {
    status: 403,
    message: "This address is not allowed to call the service",
    remedy:
      "Call from an allowed network, or ask the operator: `npm run addresses -- list`, `IP_ALLOWLIST`, `IP_DENYLIST`.",
  },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    message: "This origin is not allowed to call the service",
    remedy: "Add the web app's origin to `ALLOWED_ORIGINS`, or set `FRONTEND_URL`.",
  },
  NOT_FOUND: {
    status: 404,
    message: "Nothing was found at this address",
    remedy: "`GET /` links to the public endpoints and the API documentation.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: "This method is not allowed at this address",
    remedy: "The `Allow` header lists the allowed methods.",
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    message: "The request body is too large",
    remedy: "Send a smaller body. The limit is `BODY_LIMIT_KIB`, 64 KiB by default.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: "The request body must be JSON",
    remedy: "Send `Content-Type: application/json`, without `Content-Encoding`.",
  },
  VALIDATION_ERROR: {
    status: 422,
    message: "Some fields are invalid",
    remedy:
      "`details.fields` lists each invalid field and its rule. For a password that may not be chosen, also the `reason` (`too_short`, `common`, `context`, `too_weak` or `breached`), and `feedback` in the person's language.",
  },
  RATE_LIMITED: {
    status: 429,
    message: "Too many attempts",
    remedy:
      "Retry after `Retry-After` seconds. `RateLimit` names the limits, and docs/limits.md the settings behind them.",
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
  },
} as const satisfies ErrorEntries;
