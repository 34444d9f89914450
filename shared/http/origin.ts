import { ApiError } from "../platform/errors.ts";

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

/** The further headers that answer a preflight. */
export function preflightHeaders(methods: readonly string[]): Record<string, string> {
  return {
    "Access-Control-Allow-Methods": methods.join(", "),
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept",
    "Access-Control-Max-Age": "7200",
  };
}

/**
 * Refuses a browser's request from a foreign page, for endpoints that read or set the refresh cookie (ASVS 3.5.1).
 * A request with neither header does not come from a browser.
 * @throws ApiError ORIGIN_NOT_ALLOWED
 */
export function refuseForeignOrigin(headers: Headers, allowed: ReadonlySet<string>): void {
  const origin = headers.get("origin");
  const isForeign = origin === null ? headers.get("sec-fetch-site") === "cross-site" : !allowed.has(origin);
  if (isForeign) throw new ApiError("ORIGIN_NOT_ALLOWED");
}
