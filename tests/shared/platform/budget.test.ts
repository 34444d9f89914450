import { describe, expect, test } from "vitest";
import { currentBudget, repeatable, withinBudget, withRetry } from "../../../shared/platform/database/budget.ts";
import { DatabaseUnavailable } from "../../../shared/platform/database/errors.ts";

const fault = (isEffectUnknown = false, isTransient = true) =>
  new DatabaseUnavailable(undefined, { isTransient, isEffectUnknown, reason: "of a test" });

/** Work that fails with these errors, one after the other, and then succeeds. */
function failing(...errors: Error[]) {
  let runs = 0;
  const work = async () => {
    const error = errors[runs];
    runs += 1;
    if (error) throw error;
    return runs;
  };
  return { work, runs: () => runs };
}

describe("a budget", () => {
  test("within another never ends later than that one: a call's operations share its time", () => {
    withinBudget(currentBudget(1000), () => {
      const call = currentBudget(60_000);
      expect(call.retryUntil - performance.now()).toBeLessThanOrEqual(1000);
      withinBudget(currentBudget(60_000), () => expect(currentBudget(60_000)).toBe(call));
      withinBudget(currentBudget(10), () => expect(currentBudget(60_000).endsAt).toBeLessThan(call.endsAt));
    });
  });

  test("of the longest setting, with its last attempt, ends before 45 seconds", () => {
    const { endsAt } = currentBudget(25_000);
    expect(endsAt - performance.now()).toBeLessThanOrEqual(40_000);
  });
});

describe("withRetry", () => {
  test("runs again what is transient and worth it, and gives what it gives", async () => {
    expect(await withRetry(currentBudget(1000), failing(fault(), fault()).work, () => true)).toBe(3);
  });

  test.each([
    ["a lasting fault", fault(false, false), true],
    ["a fault that is not worth it", fault(), false],
    ["a bug", new Error("bug"), true],
  ])("%s is thrown at once", async (_what, error, isWorthIt) => {
    const { work, runs } = failing(error);
    await expect(withRetry(currentBudget(1000), work, () => isWorthIt)).rejects.toBe(error);
    expect(runs()).toBe(1);
  });

  test("begins no attempt after the budget, but for the one at its end", async () => {
    const { work } = failing(...Array.from({ length: 50 }, () => fault()));
    const budget = currentBudget(200);
    const begun: number[] = [];
    const attempt = () => {
      begun.push(performance.now());
      return work();
    };
    await expect(withRetry(budget, attempt, () => true)).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(begun.length).toBeGreaterThan(1);
    expect(begun.filter((at) => at > budget.retryUntil).length).toBeLessThanOrEqual(1);
  });
});

describe("repeatable", () => {
  test("runs a write again whose effect is unknown", async () =>
    expect(await repeatable(failing(fault(true)).work)).toBe(2));

  test("leaves a fault of known effect to the driver, which has retried it", async () => {
    await expect(repeatable(failing(fault()).work)).rejects.toBeInstanceOf(DatabaseUnavailable);
  });
});
