import { setTimeout as sleep } from "node:timers/promises";

/**
 * The only source of the current time: `now` is read once per call and passed down, so that tests can stop or move the
 * clock.
 */
export interface Clock {
  /** The current instant. */
  now(): Date;
  /** Lets so many milliseconds pass. A test's clock lets nobody wait. */
  wait(milliseconds: number): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date(), wait: (milliseconds) => sleep(milliseconds) };

/** The instant `seconds` after `instant`, or before it if negative. */
export function addSeconds(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000);
}

/** Whole seconds since 1970-01-01T00:00:00Z: the NumericDate of RFC 7519, section 2. */
export function toEpochSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

/** How far apart clocks may be, in seconds: those of other instances, and of whoever issued or verifies a token. */
export const leewaySeconds = 60;
