import { addSeconds, leewaySeconds } from "../platform/clock.ts";

/** What is known about a presented refresh token that could not simply be used up. */
export interface UsedToken {
  readonly consumedAt: Date | null;
  /** Whether its session is neither ended nor expired, and the account is active. */
  readonly isSessionLive: boolean;
  /** Whether it comes from where it was used, but reached another instance than the one that used it up. */
  readonly isSameByOtherClock: boolean;
}

/**
 * What presenting a refresh token means (RFC 9700, section 4.14.2):
 * - `rotate`: unused; it is used up now and replaced by its successor
 * - `repeat`: used a moment ago, by another tab or by a caller who lost the answer; gets the same successor again
 * - `reuse`: used longer ago; it may be stolen, so its session ends
 * - `invalid`: unknown or expired, of a session that is over, or a repeat after its successor was used
 */
export type Rotation = "rotate" | "repeat" | "reuse" | "invalid";

/**
 * Judges a refresh token that the conditional update did not use up, by the time of its use only. Whether its successor
 * can still be handed out is checked elsewhere.
 *
 * The instance that used it up has its own clock, which may be behind or ahead. A repeat from the same place as the use
 * gets the benefit of that doubt; one from elsewhere does not, nor does one that reaches the same instance
 * (docs/decisions/0029-repeats-and-their-sources.md).
 * @param token what the database knows about it; undefined if unknown
 * @param graceSeconds how long after its use it may come again
 */
export function judgeUnrotated(
  token: UsedToken | undefined,
  graceSeconds: number,
  now: Date,
): Exclude<Rotation, "rotate"> {
  if (!token?.isSessionLive || token.consumedAt === null) return "invalid";
  const secondsSince = (now.getTime() - token.consumedAt.getTime()) / 1000;
  if (Math.abs(secondsSince) <= graceSeconds + (token.isSameByOtherClock ? leewaySeconds : 0)) return "repeat";
  // Used "later" than now, by a clock that is ahead: it is not certain that this is late, so nothing ends.
  return secondsSince < 0 ? "invalid" : "reuse";
}

/** When a token issued now expires: after the idle time, but never after its session. */
export function refreshTokenExpiry(idleSeconds: number, sessionExpiresAt: Date, now: Date): Date {
  const idle = addSeconds(now, idleSeconds);
  return idle < sessionExpiresAt ? idle : sessionExpiresAt;
}
