import { expect, test, vi } from "vitest";
import { atEvenTime, startEvenTime } from "../../../shared/flows/even-time.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createTestClock } from "../../support/clock.ts";

// A timer of Node's may be a millisecond early.
const least = 49;

test("on the machine's clock, work that takes no time ends 50 ms after its start, with its result", async () => {
  const startedAt = performance.now();
  expect(await atEvenTime(systemClock, async () => "done")).toBe("done");
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(least);
  const again = performance.now();
  const rest = startEvenTime(systemClock);
  await rest();
  expect(performance.now() - again).toBeGreaterThanOrEqual(least);
});

test("what the work has taken counts: of the time that was started only the rest is waited for", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const clock = createTestClock();
  const rest = startEvenTime(clock);
  vi.advanceTimersByTime(20);
  await rest();
  vi.advanceTimersByTime(40);
  await rest();
  expect(clock.waits).toEqual([30, 0]);
});
