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

/** The same for work whose refusals alone must not tell: a sign-in that succeeds need not wait. */
export async function refuseAtEvenTime<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  // Begun before the work: timers know whole milliseconds alone, so that one for the rest would show what the work took beyond.
  const time = clock.wait(leastMilliseconds);
  try {
    return await work();
  } catch (error) {
    await time;
    throw error;
  }
}

/** Longer than the work takes while the service is not busy, with two passwords verified. */
const leastMilliseconds = 50;
