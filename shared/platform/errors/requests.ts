import type { ErrorEntries } from "./entry.ts";

/** What is wrong with a request as such, whichever endpoint it is for. */
export const requestErrors = {
  INVALID_JSON: {
    status: 400,
    message: "The request body is not valid JSON",
    remedy: "Send one UTF-8 JSON object that names each member once; `details.reason` says what is wrong.",
  },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    message: "This origin may not call the service",
    remedy: "Add the web app's origin to `ALLOWED_ORIGINS` (or set `FRONTEND_URL`).",
  },
  NOT_FOUND: {
    status: 404,
    message: "There is nothing at this address",
    remedy: "`GET /` lists where to look.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: "This address does not take that method",
    remedy: "The `Allow` header lists the methods it takes.",
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
} as const satisfies ErrorEntries;
