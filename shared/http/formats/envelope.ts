import type { ApiError } from "../../platform/errors/api-error.ts";
import { errorTable } from "../../platform/errors/table.ts";
import type { Answer, Exchange } from "../answer.ts";
import { jsonBody } from "../json-body.ts";
import { asksFor } from "../media-type.ts";
import type { Format, JsonSchema } from "./format.ts";

/**
 * The service's own format: JSON in an envelope, or for errors problem details (RFC 9457) if the caller asks for them.
 */
export const envelope: Format<unknown> = {
  body: jsonBody,
  contents: { "application/json": envelopeSchema },
  cors: "listed",
  takesHead: true,
  answer: ({ now }, { shown, status, message, cookies, headers }) => ({
    status,
    body: { success: true, status_code: status, message, data: shown(), timestamp: now.toISOString() },
    headers,
    cookies,
  }),
  tellError,
};

function envelopeSchema(data: JsonSchema, status: number): JsonSchema {
  return {
    type: "object",
    required: ["success", "status_code", "message", "data", "timestamp"],
    additionalProperties: false,
    properties: {
      success: { const: true },
      status_code: { const: status },
      message: { type: "string" },
      data,
      timestamp: { type: "string", format: "date-time" },
    },
  };
}

function tellError(exchange: Exchange, error: ApiError): Answer {
  const { status, options } = error;
  const wantsProblem = asksFor(exchange.accept, "application/problem+json");
  return {
    status,
    body: wantsProblem ? problem(exchange, error) : errorEnvelope(exchange, error),
    contentType: wantsProblem ? "application/problem+json" : "application/json",
    headers: {
      ...(status === 401 && { "WWW-Authenticate": challenge(exchange, error) }),
      ...(options.retryAfterSeconds !== undefined && { "Retry-After": String(options.retryAfterSeconds) }),
      ...options.headers,
    },
  };
}

function errorEnvelope({ now }: Exchange, { code, status, options }: ApiError): unknown {
  return {
    success: false,
    status_code: status,
    message: errorTable[code].message,
    error_code: code,
    details: options.details ?? {},
    timestamp: now.toISOString(),
  };
}

function problem({ requestId }: Exchange, { code, status, options }: ApiError): unknown {
  const { message, remedy, type = `urn:latchkey:error:${code}` } = errorTable[code];
  return {
    type,
    title: message,
    status,
    detail: remedy,
    instance: `urn:uuid:${requestId}`,
    error_code: code,
    details: options.details ?? {},
    ...options.problem,
  };
}

/**
 * RFC 6750, section 3: a request with a token learns that the token is at fault; one without learns only the scheme.
 */
function challenge({ hasAuthorization }: Exchange, { code }: ApiError): string {
  const isTokenFault = hasAuthorization && (code === "UNAUTHENTICATED" || code === "TOKEN_EXPIRED");
  return isTokenFault ? 'Bearer error="invalid_token"' : "Bearer";
}
