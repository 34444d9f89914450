import type { ApiError } from "../../platform/errors/api-error.ts";
import { errorTable, type ErrorCode } from "../../platform/errors/table.ts";
import type { Answer } from "../answer.ts";
import { formBody } from "../form-body.ts";
import type { Format } from "./format.ts";

/** Requests, replies and errors of RFC 6749, 7009 and 7662. */
export const oauth: Format<object> = {
  body: formBody,
  contents: { "application/json": (reply) => reply },
  cors: "listed",
  takesHead: true,
  answer: (_exchange, { shown, status }) => ({ status, body: shown(), headers: oauthHeaders }),
  tellError: (_exchange, error) => oauthError(error),
};

/** Besides `Cache-Control: no-store`, RFC 6749, section 5.1, wants this for HTTP/1.0 caches. */
const oauthHeaders = { Pragma: "no-cache" } as const;

/** The RFC 6749 names of the service's errors; errors of its section 5.2 have theirs as code. */
const names: Partial<Record<ErrorCode, string>> = {
  PAYLOAD_TOO_LARGE: "invalid_request",
  INTERNAL_ERROR: "server_error",
  DATABASE_UNAVAILABLE: "temporarily_unavailable",
  SIGNING_UNAVAILABLE: "temporarily_unavailable",
  OVERLOADED: "temporarily_unavailable",
  // RFC 6749 has no name for it. The `slow_down` of RFC 8628 would have clients wait longer between all later calls.
  RATE_LIMITED: "temporarily_unavailable",
  LIMITS_UNAVAILABLE: "temporarily_unavailable",
  SERVICE_MISCONFIGURED: "temporarily_unavailable",
};

/** An error in the form of RFC 6749, section 5.2. */
export function oauthErrorBody({ code, options }: ApiError): { error: string; error_description: string } {
  const reason = options.details?.["reason"];
  return {
    error: names[code] ?? code.toLowerCase(),
    error_description: typeof reason === "string" ? reason : errorTable[code].message,
  };
}

/**
 * A client that could not be authenticated is asked for `Basic`, the only scheme that these endpoints accept in
 * `Authorization`.
 */
function oauthError(error: ApiError): Answer {
  const { status, options } = error;
  return {
    status,
    body: oauthErrorBody(error),
    headers: {
      ...oauthHeaders,
      ...(status === 401 && { "WWW-Authenticate": 'Basic realm="latchkey"' }),
      ...(options.retryAfterSeconds !== undefined && { "Retry-After": String(options.retryAfterSeconds) }),
    },
  };
}
