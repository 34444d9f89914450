import { currentBudget, withinBudget } from "../../platform/database/budget.ts";
import { ApiError } from "../../platform/errors/api-error.ts";

/** What is kept is made anew when it is older than this. */
const freshSeconds = 10;

/** How long the database, or whatever else it is made with, may take while there is something else to be given. */
const patienceMilliseconds = 1500;

/** A value with the instant that it was made at. */
interface Made<T> {
  readonly value: T;
  readonly at: Date;
}

/** Gives the value that is kept, or makes it. */
export type LastKnown<T> = (make: () => Promise<T>, now: Date) => Promise<T>;

/**
 * Keeps a value that costs something to make: for 10 seconds, and while it cannot be made, for as long as it may be served.
 * Callers who come at once wait for the same. @param isGood whether one that is still fresh may be given out
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
  /** Without an answer within seconds the last value counts, for as long as it may. */
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

/** Either way: a clock may have been set back. */
const secondsBetween = (one: Date, other: Date) => Math.abs(one.getTime() - other.getTime()) / 1000;
