import { rateLimitFields } from "./rate-limit-headers.ts";

/** Which web pages may read an endpoint's answers: those of the listed origins, with credentials; or all, without. */
export type CorsPolicy = "listed" | "any";

/**
 * The headers that let web pages read an answer: none for an origin that is not allowed. What all may read, a page may
 * also load without asking by CORS, as a script or in a worker that is isolated.
 */
export function corsHeaders(
  origin: string | null,
  allowed: ReadonlySet<string>,
  policy: CorsPolicy,
): Record<string, string> {
  if (policy === "any")
    return {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": exposed,
      "Cross-Origin-Resource-Policy": "cross-origin",
    };
  if (origin === null || !allowed.has(origin)) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": exposed,
  };
}

type Headers = { get(name: string): string | null };

const exposed = [...rateLimitFields, "Retry-After", "X-Request-Id"].join(", ");

/**
 * What a page may send besides the headers that every page may. The service ignores those from `traceparent` on:
 * tracing libraries add them to all of a page's requests (W3C Trace Context, W3C Baggage, Application Insights).
 */
const allowedHeaders =
  "Authorization, Content-Type, Accept, traceparent, tracestate, baggage, Request-Id, Request-Context";

/** The additional headers of a preflight's answer. */
export function preflightHeaders(methods: readonly string[]): Record<string, string> {
  return {
    "Access-Control-Allow-Methods": methods.join(", "),
    "Access-Control-Allow-Headers": allowedHeaders,
    "Access-Control-Max-Age": "7200",
  };
}

/**
 * Whether the caller is a page of this service's own origin. Never, if the service is below a path: then the origin
 * belongs to others too.
 * @param issuer the address of the service
 */
export function isOwnPage(headers: Headers, issuer: string): boolean {
  const { origin, pathname } = new URL(issuer);
  const site = headers.get("sec-fetch-site");
  return pathname === "/" && (site === null ? headers.get("origin") === origin : site === "same-origin");
}
