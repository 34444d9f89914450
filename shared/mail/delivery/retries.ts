import { addSeconds } from "../../platform/clock.ts";

/** The pauses after the first attempts that failed; then it is tried every hour. */
const firstPausesSeconds = [60, 5 * 60, 15 * 60];
const laterPauseSeconds = 60 * 60;

/** How long a mail is tried. */
const lifetimeSeconds = 24 * 60 * 60;

/**
 * When to try again, after an attempt at `now` that failed.
 * @param attempts how many there were, with this one
 * @returns undefined if the mail's day is over
 */
export function nextAttempt(
  { attempts, createdAt }: { attempts: number; createdAt: Date },
  now: Date,
): Date | undefined {
  const next = addSeconds(now, firstPausesSeconds[attempts - 1] ?? laterPauseSeconds);
  return next <= addSeconds(createdAt, lifetimeSeconds) ? next : undefined;
}
