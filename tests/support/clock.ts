import { addSeconds, type Clock } from "../../shared/platform/clock.ts";

/** A clock that stands still until it is told otherwise, and lets nobody wait. */
export interface TestClock extends Clock {
  advance(seconds: number): void;
  /** Goes to the present, where real providers and browsers live; not back. */
  catchUp(): void;
  /** How long the service wanted to wait, each time, in milliseconds. */
  readonly waits: number[];
}

export function createTestClock(start = "2026-01-15T12:00:00.000Z"): TestClock {
  let now = new Date(start);
  const waits: number[] = [];
  return {
    now: () => now,
    waits,
    async wait(milliseconds) {
      waits.push(milliseconds);
    },
    advance(seconds) {
      now = addSeconds(now, seconds);
    },
    catchUp() {
      now = new Date(Math.max(now.getTime(), Date.now()));
    },
  };
}
