import { addSeconds } from "../platform/clock.ts";

/** What is known of a presented refresh token that could not simply be used up. */
export interface PresentedToken {
  readonly consumedAt: Date | null;
  /** Whether its session is neither ended nor over, and the account active. */
  readonly isSessionLive: boolean;
}

/**
 * What presenting a refresh token means (RFC 9700, section 4.14.2):
 * - `rotate`: it was unused; it is used up and its successor takes its place
 * - `repeat`: it was used a moment ago, by another tab or by a caller who lost the answer: the same successor again
 * - `reuse`: it was used longer ago: it may be stolen, and its session ends
 * - `invalid`: unknown or expired, or its session is over
 */
export type Rotation = "rotate" | "repeat" | "reuse" | "invalid";

/**
 * Judges a refresh token that the conditional update did not use up.
 * @param token what the database knows of it; undefined when it is unknown
 * @param graceSeconds how long after its use it may come again
 */
export function judgeUnrotated(
  token: PresentedToken | undefined,
  graceSeconds: number,
  now: Date,
): Exclude<Rotation, "rotate"> {
  if (!token?.isSessionLive || token.consumedAt === null) return "invalid";
  return now <= addSeconds(token.consumedAt, graceSeconds) ? "repeat" : "reuse";
}

/** When a token that is issued now expires: after the idle time, but never after its session. */
export function refreshTokenExpiry(idleSeconds: number, sessionExpiresAt: Date, now: Date): Date {
  const idle = addSeconds(now, idleSeconds);
  return idle < sessionExpiresAt ? idle : sessionExpiresAt;
}
