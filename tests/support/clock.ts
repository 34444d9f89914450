import { addSeconds, type Clock } from "../../shared/platform/clock.ts";

/** A clock that stands still until it is told otherwise. */
export interface TestClock extends Clock {
  advance(seconds: number): void;
  /** Goes to the present, where real providers and browsers live; not back. */
  catchUp(): void;
}

export function createTestClock(start = "2026-01-15T12:00:00.000Z"): TestClock {
  let now = new Date(start);
  return {
    now: () => now,
    advance(seconds) {
      now = addSeconds(now, seconds);
    },
    catchUp() {
      now = new Date(Math.max(now.getTime(), Date.now()));
    },
  };
}
