import { ApiError } from "../platform/errors/api-error.ts";

export interface Bounds {
  /** How many jobs run at a time. */
  readonly concurrency: number;
  /** How many may wait; further ones are turned away. */
  readonly maxWaiting: number;
}

/**
 * Limits how many jobs run and how many wait (first come, first served), so that a flood of sign-ins costs a bounded
 * amount of memory and time.
 * @returns a function that runs a job in its turn, or throws `OVERLOADED` at once if too many are waiting
 */
export function createBounded({ concurrency, maxWaiting }: Bounds): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (job) => {
    if (running >= concurrency) {
      if (waiting.length >= maxWaiting) throw new ApiError("OVERLOADED", { retryAfterSeconds: 1 });
      // The finished job hands over its place, so `running` stays the same.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
