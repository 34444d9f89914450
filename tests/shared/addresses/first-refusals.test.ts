import { expect, test } from "vitest";
import { createFirstRefusals } from "../../../shared/addresses/first-refusals.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";

const now = new Date("2026-01-15T12:00:00.000Z");

test("18.4 a network's first refusal in ten minutes is told from the others", () => {
  const isFirst = createFirstRefusals();
  expect(["203.0.113.7", "203.0.113.8", "203.0.114.7", undefined, undefined].map((one) => isFirst(one, now))).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
  expect(isFirst("203.0.113.9", addSeconds(now, 599))).toBe(false);
  expect(isFirst("203.0.113.9", addSeconds(now, 600))).toBe(true);
  expect(isFirst("203.0.113.9", addSeconds(now, 601))).toBe(false);
});

test("18.4 no more networks are remembered than the limit: the one refused first is forgotten", () => {
  const isFirst = createFirstRefusals(2);
  const refuse = (network: number) => isFirst(`10.0.${network}.1`, now);
  expect([1, 2, 3].map(refuse)).toEqual([true, true, true]);
  expect([2, 3, 1].map(refuse)).toEqual([false, false, true]);
});
