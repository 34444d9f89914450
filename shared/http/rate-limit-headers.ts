import type { Standing } from "../limits/limiter.ts";

/** The names of the fields, for CORS. */
export const rateLimitFields = ["RateLimit", "RateLimit-Policy"] as const;

/**
 * The fields of draft-ietf-httpapi-ratelimit-headers-10: lists of structured fields (RFC 9651), an item for each policy.
 * The partition key is the beginning of the name that the key is counted under.
 */
export function rateLimitHeaders(standings: readonly Standing[], now: Date): Record<string, string> {
  if (standings.length === 0) return {};
  const list = (parameters: (standing: Standing) => string) =>
    standings
      .map((standing) => `"${standing.policy}";${parameters(standing)};pk=:${partitionKey(standing)}:`)
      .join(", ");
  return {
    "RateLimit-Policy": list(({ limit }) => `q=${limit.count};w=${limit.windowSeconds}`),
    RateLimit: list((standing) => `r=${standing.remaining};t=${secondsUntilReset(standing, now)}`),
  };
}

/** Seconds until a window ends: whole ones, so that it has ended by then. */
export function secondsUntilReset({ resetsAt }: Standing, now: Date): number {
  return Math.max(1, Math.ceil((resetsAt.getTime() - now.getTime()) / 1000));
}

const partitionKey = ({ bucket }: Standing): string => bucket.subarray(0, 9).toString("base64");
