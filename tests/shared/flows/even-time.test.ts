import { expect, test } from "vitest";
import { atEvenTime, refuseAtEvenTime } from "../../../shared/flows/even-time.ts";
import { type Clock, systemClock } from "../../../shared/platform/clock.ts";
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

/** A clock whose wait ends when the test says so. */
function heldClock() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { clock: { ...createTestClock(), wait: () => promise }, ring: resolve };
}

const refusedBy = (clock: Clock, work: Promise<unknown>) => {
  const seen = { isRefused: false };
  const refused = refuseAtEvenTime(clock, () => work).catch(() => (seen.isRefused = true));
  return { seen, refused };
};

const settled = () => new Promise((done) => setImmediate(done));

test("a refusal waits for the time, a result does not", async () => {
  const { clock, ring } = heldClock();
  expect(await refuseAtEvenTime(clock, async () => "done")).toBe("done");
  const { seen, refused } = refusedBy(clock, Promise.reject(new Error("no")));
  await settled();
  expect(seen.isRefused).toBe(false);
  ring();
  await refused;
  expect(seen.isRefused).toBe(true);
});

test("work that takes longer than the time is refused at its own end", async () => {
  const { clock, ring } = heldClock();
  const { promise: work, reject } = Promise.withResolvers();
  const { seen, refused } = refusedBy(clock, work);
  ring();
  await settled();
  expect(seen.isRefused).toBe(false);
  reject(new Error("no"));
  await refused;
  expect(seen.isRefused).toBe(true);
});

test("the time is begun before the work: a timer for the rest would tell fractions of a millisecond", async () => {
  const clock = createTestClock();
  const work = async () => {
    expect(clock.waits).toEqual([50]);
    throw new Error("no");
  };
  await expect(refuseAtEvenTime(clock, work)).rejects.toThrow("no");
  expect(clock.waits).toEqual([50]);
});
