import type { Clock } from "../platform/clock.ts";

/**
 * Runs work whose duration must not tell who has an account, and ends no sooner than a fixed time after its start. The
 * same statements differ by some microseconds, by whether a row was found: enough for a patient caller to see, in an
 * answer that takes a millisecond.
 */
export async function atEvenTime<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.all([work(), clock.wait(leastMilliseconds)]);
  return result;
}

/**
 * Starts the same time for work whose refusals alone must not tell: a sign-in that succeeds need not wait.
 * @returns a function that waits for the rest of it
 */
export function startEvenTime(clock: Clock): () => Promise<void> {
  const endsAt = performance.now() + leastMilliseconds;
  return () => clock.wait(Math.max(0, endsAt - performance.now()));
}

/** Longer than the work takes while the service is not busy, with two passwords verified. */
const leastMilliseconds = 50;
