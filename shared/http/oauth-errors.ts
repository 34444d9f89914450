import type { ApiError } from "../platform/errors/api-error.ts";
import { errorTable, type ErrorCode } from "../platform/errors/table.ts";
import type { Answer } from "./answer.ts";

/** Errors of the service as RFC 6749 names them; those of its section 5.2 bear their name as code. */
const names: Partial<Record<ErrorCode, string>> = {
  PAYLOAD_TOO_LARGE: "invalid_request",
  INTERNAL_ERROR: "server_error",
  DATABASE_UNAVAILABLE: "temporarily_unavailable",
  SIGNING_UNAVAILABLE: "temporarily_unavailable",
  OVERLOADED: "temporarily_unavailable",
  SERVICE_MISCONFIGURED: "temporarily_unavailable",
};

/**
 * An error in the form of RFC 6749, section 5.2. A client that could not be authenticated is asked for `Basic`, the one
 * scheme of the `Authorization` header that these endpoints take.
 */
export function oauthErrorAnswer({ code, status, options }: ApiError): Answer {
  const reason = options.details?.["reason"];
  return {
    status,
    body: {
      error: names[code] ?? code.toLowerCase(),
      error_description: typeof reason === "string" ? reason : errorTable[code].message,
    },
    headers: {
      ...oauthHeaders,
      ...(status === 401 && { "WWW-Authenticate": 'Basic realm="latchkey"' }),
      ...(options.retryAfterSeconds !== undefined && { "Retry-After": String(options.retryAfterSeconds) }),
    },
  };
}

/** Beside `Cache-Control: no-store`, RFC 6749, section 5.1, asks for what HTTP/1.0 caches understand. */
export const oauthHeaders = { Pragma: "no-cache" } as const;
