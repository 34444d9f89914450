type Headers = { get(name: string): string | null };

/** Who may read an endpoint's answers from a web page: the listed origins, with credentials; or any, without. */
export type CorsPolicy = "listed" | "any";

const exposed = "Retry-After, X-Request-Id";

/** The CORS headers of an answer; none for an origin that is not allowed, which then cannot read it. */
export function corsHeaders(
  origin: string | null,
  allowed: ReadonlySet<string>,
  policy: CorsPolicy,
): Record<string, string> {
  if (policy === "any") return { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": exposed };
  if (origin === null || !allowed.has(origin)) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": exposed,
  };
}

/**
 * What a page may send besides what every page may. The service reads nothing from `traceparent` on: libraries that trace calls
 * add these to all of a page's requests, by W3C Trace Context and W3C Baggage, or as Application Insights does.
 */
const allowedHeaders =
  "Authorization, Content-Type, Accept, traceparent, tracestate, baggage, Request-Id, Request-Context";

/** The further headers that answer a preflight. */
export function preflightHeaders(methods: readonly string[]): Record<string, string> {
  return {
    "Access-Control-Allow-Methods": methods.join(", "),
    "Access-Control-Allow-Headers": allowedHeaders,
    "Access-Control-Max-Age": "7200",
  };
}

/**
 * Whether a page of this service's own origin is calling, which is nobody else's: below a path, the origin belongs to others too.
 * @param issuer the address of the service
 */
export function isOwnPage(headers: Headers, issuer: string): boolean {
  const { origin, pathname } = new URL(issuer);
  const site = headers.get("sec-fetch-site");
  return pathname === "/" && (site === null ? headers.get("origin") === origin : site === "same-origin");
}
