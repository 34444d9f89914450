import { addSeconds, leewaySeconds } from "../platform/clock.ts";

/** What is known of a presented refresh token that could not simply be used up. */
export interface UsedToken {
  readonly consumedAt: Date | null;
  /** Whether its session is neither ended nor over, and the account active. */
  readonly isSessionLive: boolean;
  /** Whether it comes from where it was used from, but not to the instance that used it up. */
  readonly isSameByOtherClock: boolean;
}

/**
 * What presenting a refresh token means (RFC 9700, section 4.14.2):
 * - `rotate`: it was unused; it is used up and its successor takes its place
 * - `repeat`: it was used a moment ago, by another tab or by a caller who lost the answer: the same successor again
 * - `reuse`: it was used longer ago: it may be stolen, and its session ends
 * - `invalid`: unknown or expired, its session is over, or it is a repeat that comes when the successor has been used too
 */
export type Rotation = "rotate" | "repeat" | "reuse" | "invalid";

/**
 * Judges a refresh token that the conditional update did not use up, as far as the time of its use says; whether its
 * successor is still there to be given again is another question.
 *
 * The instance that used it up has another clock, which may be behind ours or ahead of it. What comes from the same place as
 * the use is given the benefit of that; what comes from elsewhere is not, nor is what comes to the instance that has used it
 * (docs/decisions/0029-repeats-and-their-sources.md).
 * @param token what the database knows of it; undefined when it is unknown
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
  // Used "later" than now, by a clock that is ahead: that it is late cannot be told yet, and so nothing ends.
  return secondsSince < 0 ? "invalid" : "reuse";
}

/** When a token that is issued now expires: after the idle time, but never after its session. */
export function refreshTokenExpiry(idleSeconds: number, sessionExpiresAt: Date, now: Date): Date {
  const idle = addSeconds(now, idleSeconds);
  return idle < sessionExpiresAt ? idle : sessionExpiresAt;
}
