import { describe, expect, test } from "vitest";
import { createRefusals } from "../../../shared/limits/refusals.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";

const now = new Date("2026-01-15T12:00:00.000Z");
const bucket = (name: string) => Buffer.from(name.padEnd(32));
const source = { address: "203.0.113.7", userAgent: "curl" };
const until = (seconds: number) => ({ policy: "credentials", resetsAt: addSeconds(now, seconds), source }) as const;

describe("18.1 an instance remembers refusals", () => {
  test("until the window ends, and not a moment longer", () => {
    const refusals = createRefusals();
    refusals.note(bucket("a"), until(60), now);
    expect(refusals.recall(bucket("a"), addSeconds(now, 59.999))?.resetsAt).toEqual(addSeconds(now, 60));
    expect(refusals.recall(bucket("a"), addSeconds(now, 60))).toBeUndefined();
    expect(refusals.recall(bucket("b"), now)).toBeUndefined();
  });

  test("the first of a window is new; those that were under way with it are not", () => {
    const refusals = createRefusals();
    expect(refusals.note(bucket("a"), until(60), now)).toBe(true);
    expect(refusals.note(bucket("a"), until(60), now)).toBe(false);
    expect(refusals.note(bucket("a"), until(120), addSeconds(now, 60))).toBe(true);
  });

  test("what is over is told once, with how many came after the first; one that nobody followed is not", () => {
    const refusals = createRefusals();
    refusals.note(bucket("a"), until(60), now);
    refusals.note(bucket("b"), until(30), now);
    refusals.note(bucket("a"), until(60), now);
    for (let call = 0; call < 3; call += 1) refusals.recall(bucket("a"), addSeconds(now, 1));
    expect(refusals.takeEnded(addSeconds(now, 59))).toEqual([]);
    expect(refusals.takeEnded(addSeconds(now, 60))).toEqual([{ ...until(60), count: 4 }]);
    expect(refusals.takeEnded(addSeconds(now, 61))).toEqual([]);
  });

  test("no more than it may: the oldest is forgotten and told, and is refused again once it is counted", () => {
    const refusals = createRefusals(2);
    refusals.note(bucket("a"), until(60), now);
    refusals.recall(bucket("a"), now);
    refusals.note(bucket("b"), until(60), now);
    refusals.note(bucket("c"), until(60), now);
    expect(["a", "b", "c"].map((name) => refusals.recall(bucket(name), now) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    expect(refusals.takeEnded(now)).toEqual([{ ...until(60), count: 1 }]);
  });
});
