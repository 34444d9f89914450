import type { Cookie, HttpResponseInit } from "@azure/functions";
import { services } from "../services.ts";
import type { ApiError } from "../platform/errors/api-error.ts";
import type { Locale } from "../platform/locale.ts";
import { corsHeaders, type CorsPolicy } from "./cors.ts";
import { commonHeaders } from "./headers.ts";

/** A cookie that an answer sets. */
export type SetCookie = Cookie;

/** An answer before the common headers are added. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly cookies?: readonly SetCookie[] | undefined;
}

/** What in a request decides the form of its answer. */
export interface Exchange {
  readonly requestId: string;
  readonly origin: string | null;
  readonly accept: string;
  readonly ifNoneMatch: string | null;
  readonly hasAuthorization: boolean;
  /** Whether the body is that of a page's form. */
  readonly isForm: boolean;
  /** The language that the caller prefers. */
  readonly locale: Locale;
  readonly cors: CorsPolicy;
  readonly now: Date;
  /** Headers of the answer that are known before it is; known only in the course of the call. */
  addedHeaders?: Readonly<Record<string, string>> | undefined;
  /** The page that is told about an error, if a browser was sent here; known only in the course of the call. */
  returnTarget?: ReturnTarget | undefined;
  /** Makes the page that tells a person an error, if the format's own does not fit; known only in the course of the call. */
  errorPage?: ((error: ApiError) => Answer) | undefined;
}

/** A page that is told how the browser's visit to this service ended. */
export interface ReturnTarget {
  readonly url: string;
  readonly cookies?: readonly SetCookie[];
}

/** Builds every response: adds security headers, CORS and the request id. */
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
      ...exchange.addedHeaders,
      ...answer.headers,
    },
    ...(answer.body !== undefined && {
      body: typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body),
    }),
    ...(answer.cookies && { cookies: [...answer.cookies] }),
  };
}

/** Headers that depend on the settings; none if the settings are wrong. */
function siteHeaders({ origin, cors }: Exchange): Record<string, string> {
  try {
    const { config } = services();
    const https = config.service.isSecure ? { "Strict-Transport-Security": "max-age=63072000; includeSubDomains" } : {};
    return { ...https, ...corsHeaders(origin, config.http.allowedOrigins, cors) };
  } catch {
    return {};
  }
}
