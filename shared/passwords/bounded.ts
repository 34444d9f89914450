import { ApiError } from "../platform/errors/api-error.ts";

export interface Bounds {
  /** How many jobs run at a time. */
  readonly concurrency: number;
  /** How many may wait; one more is turned away. */
  readonly maxWaiting: number;
}

/**
 * Lets a bounded number of jobs run at a time and a bounded number wait, first come, first served, so that a flood of
 * sign-ins costs a bounded amount of memory and time.
 * @returns a function that runs a job in its turn; it throws `OVERLOADED` at once when too many wait
 */
export function createBounded({ concurrency, maxWaiting }: Bounds): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (job) => {
    if (running >= concurrency) {
      if (waiting.length >= maxWaiting) throw new ApiError("OVERLOADED", { retryAfterSeconds: 1 });
      // The job that ends hands its place over, so `running` stays as it is.
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
