import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../platform/errors/api-error.ts";

/**
 * The new value; or the previous one while the database or the vault does not answer, so that an outage does not take
 * away what verifiers need.
 */
export function unlessSlow<T>(reading: Promise<T>, before: T): Promise<T> {
  const answer = reading.catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 503) return before;
    throw error;
  });
  return Promise.race([answer, sleep(slowMilliseconds, before, { ref: false })]);
}

const slowMilliseconds = 1000;
