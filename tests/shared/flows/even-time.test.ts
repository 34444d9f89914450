import { expect, test, vi } from "vitest";
import { atEvenTime, refuseAtEvenTime } from "../../../shared/flows/even-time.ts";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createTestClock } from "../../support/clock.ts";

// A timer of Node's may be a millisecond early.
const least = 49;

test("on the machine's clock, work that takes no time ends 50 ms after its start, with its result", async () => {
  const startedAt = performance.now();
  expect(await atEvenTime(systemClock, async () => "done")).toBe("done");
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(least);
  const again = performance.now();
  await expect(refuseAtEvenTime(systemClock, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(performance.now() - again).toBeGreaterThanOrEqual(least);
});

test("what the work has taken counts: a refusal waits for the rest alone, and a result for nothing", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const clock = createTestClock();
  for (const milliseconds of [20, 60]) {
    const work = async () => {
      vi.advanceTimersByTime(milliseconds);
      throw new Error("no");
    };
    await expect(refuseAtEvenTime(clock, work)).rejects.toThrow("no");
  }
  expect(await refuseAtEvenTime(clock, async () => "done")).toBe("done");
  expect(clock.waits).toEqual([30, 0]);
});
