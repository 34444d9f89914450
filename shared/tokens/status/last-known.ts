import { currentBudget, withinBudget } from "../../platform/database/budget.ts";
import { ApiError } from "../../platform/errors/api-error.ts";

/** Returns the kept value, or makes it. */
export type LastKnown<T> = (make: () => Promise<T>, now: Date) => Promise<T>;

/**
 * Keeps a value that is expensive to make: for 10 seconds, or for as long as it may be served while it cannot be made.
 * Concurrent callers share one attempt.
 * @param isGood whether a value that is still fresh may be returned
 */
export function createLastKnown<T>(
  servedAtMostSeconds: number,
  isGood: (value: T, now: Date) => Promise<boolean> = async () => true,
): LastKnown<T> {
  let last: Made<T> | undefined;
  let making: Promise<T> | undefined;
  const remake = async (make: () => Promise<T>, now: Date): Promise<T> => {
    const value = await make();
    last = { value, at: now };
    return value;
  };
  /** Falls back to the last value if there is no answer in time, for as long as that may be served. */
  const remakeOrLast = async (make: () => Promise<T>, now: Date): Promise<T> => {
    const before = last;
    if (!before || secondsBetween(before.at, now) >= servedAtMostSeconds) return remake(make, now);
    try {
      return await withinBudget(currentBudget(patienceMilliseconds, patienceMilliseconds), () => remake(make, now));
    } catch (error) {
      if (error instanceof ApiError && error.status === 503) return before.value;
      throw error;
    }
  };
  return async (make, now) => {
    const isFresh = last && secondsBetween(last.at, now) < freshSeconds;
    if (last && isFresh && (await isGood(last.value, now))) return last.value;
    making ??= remakeOrLast(make, now).finally(() => (making = undefined));
    return making;
  };
}

/** A kept value is remade once it is older than this. */
const freshSeconds = 10;

/** How long remaking may take while there is an old value to return. */
const patienceMilliseconds = 1500;

/** A value, and when it was made. */
interface Made<T> {
  readonly value: T;
  readonly at: Date;
}

/** In either direction: a clock may have been set back. */
const secondsBetween = (one: Date, other: Date) => Math.abs(one.getTime() - other.getTime()) / 1000;
