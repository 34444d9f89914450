import type { Cookie, HttpResponseInit } from "@azure/functions";
import type { ApiError } from "../platform/errors/api-error.ts";
import { errorTable } from "../platform/errors/table.ts";
import { services } from "../services.ts";
import type { Form } from "./catalogue.ts";
import { parseAccept } from "./media-type.ts";
import { oauthErrorAnswer } from "./oauth-errors.ts";
import { corsHeaders, type CorsPolicy } from "./origin.ts";
import { errorRedirect, type ReturnTarget } from "./redirect.ts";

/** What of a request decides the form of its answer. */
export interface Exchange {
  readonly requestId: string;
  readonly origin: string | null;
  readonly accept: string;
  readonly hasAuthorization: boolean;
  readonly cors: CorsPolicy;
  readonly form: Form;
  readonly now: Date;
  /** The page that an error is told at, where a browser was sent here; it is known only in the course of the call. */
  returnTarget?: ReturnTarget | undefined;
}

/** What an endpoint gives back. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly Cookie[];
}

/** The headers of every answer. Nothing here may run scripts, be framed, or be kept by a cache. */
const commonHeaders = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  Vary: "Origin",
  "X-Content-Type-Options": "nosniff",
} as const;

/** The one place that makes a response: adds security headers, CORS and the request's id. */
export function respond(exchange: Exchange, answer: Answer): HttpResponseInit {
  return {
    status: answer.status,
    headers: {
      ...commonHeaders,
      ...siteHeaders(exchange),
      "X-Request-Id": exchange.requestId,
      ...(answer.body !== undefined && {
        "Content-Type": answer.contentType ?? "application/json",
      }),
      ...answer.headers,
    },
    ...(answer.body !== undefined && {
      body: typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body),
    }),
    ...(answer.cookies && { cookies: [...answer.cookies] }),
  };
}

/** What depends on the settings. Wrong settings still get an answer, without these. */
function siteHeaders({ origin, cors }: Exchange): Record<string, string> {
  try {
    const { config } = services();
    const https = config.service.isSecure ? { "Strict-Transport-Security": "max-age=63072000; includeSubDomains" } : {};
    return { ...https, ...corsHeaders(origin, config.http.allowedOrigins, cors) };
  } catch {
    return {};
  }
}

/** The success envelope. */
export function envelope(
  status: number,
  data: unknown,
  options: { readonly message: string; readonly now: Date },
): unknown {
  return {
    success: true,
    status_code: status,
    message: options.message,
    data,
    timestamp: options.now.toISOString(),
  };
}

/**
 * An error as an answer: the envelope, problem details (RFC 9457) for a caller who asks for them, OAuth's own form, or for a
 * browser that was sent here the way back.
 */
export function errorAnswer(exchange: Exchange, error: ApiError): Answer {
  if (exchange.returnTarget) return errorRedirect(exchange.returnTarget, error);
  if (exchange.form === "oauth") return oauthErrorAnswer(error);
  const { status } = error;
  const wantsProblem = prefersProblem(exchange.accept);
  return {
    status,
    body: wantsProblem ? problem(exchange, error) : errorEnvelope(exchange, error),
    contentType: wantsProblem ? "application/problem+json" : "application/json",
    headers: {
      ...(status === 401 && { "WWW-Authenticate": challenge(exchange, error) }),
      ...(error.options.retryAfterSeconds !== undefined && { "Retry-After": String(error.options.retryAfterSeconds) }),
      ...error.options.headers,
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
  const { message, remedy } = errorTable[code];
  return {
    type: `urn:latchkey:error:${code}`,
    title: message,
    status,
    detail: remedy,
    instance: `urn:uuid:${requestId}`,
    error_code: code,
    details: options.details ?? {},
  };
}

/** RFC 6750, section 3: a request that brought a token learns that the token is at fault; another learns the scheme alone. */
function challenge({ hasAuthorization }: Exchange, { code }: ApiError): string {
  const isTokenFault = hasAuthorization && (code === "UNAUTHENTICATED" || code === "TOKEN_EXPIRED");
  return isTokenFault ? 'Bearer error="invalid_token"' : "Bearer";
}

/** A weight of 0 means that it is not wanted (RFC 9110, section 12.4.2). */
function prefersProblem(accept: string): boolean {
  const isUnwanted = ([name, value]: readonly [string, string]) => name === "q" && /^0(?:\.0*)?$/.test(value);
  return parseAccept(accept).some(
    ({ name, parameters }) => name === "application/problem+json" && !parameters.some(isUnwanted),
  );
}
