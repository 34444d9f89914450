import { describe, expect, test } from "vitest";
import {
  delaySeconds,
  doublings,
  isClosed,
  isStuffing,
  isSuspicious,
  type FailureCounts,
} from "../../../shared/sign-in-failures/rules.ts";
import { loadConfig } from "../../../shared/config.ts";
import { testSettings } from "../../support/settings.ts";

const settings = loadConfig(testSettings).signInFailures;
const counts = (some: Partial<FailureCounts> = {}): FailureCounts => ({
  inARow: 1,
  ofAccount: 1,
  addressesOfNetwork: 1,
  addressesOfPassword: 1,
  ...some,
});

describe("delays", () => {
  test("come after the fifth failure, double, and end at 15 minutes", () => {
    const failures = Array.from({ length: 20 }, (_, count) => delaySeconds(count, settings));
    const doubled = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
    expect(failures).toEqual([0, 0, 0, 0, 0, ...doubled, 900, 900, 900, 900, 900]);
  });

  test("have reached the longest that can be set after as many doublings as the queries know", () => {
    const longest = { free: 5, longestDelaySeconds: 3600 };
    expect(delaySeconds(5 + doublings, longest)).toBe(3600);
    expect(delaySeconds(5 + doublings - 1, longest)).toBeLessThan(3600);
    expect(delaySeconds(1e9, longest)).toBe(3600);
  });
});

test.each([
  ["a person who mistypes a password three times", { inARow: 3 }, false],
  ["the fourth attempt in a row", { inARow: 4 }, true],
  ["ten addresses of a network", { addressesOfNetwork: 10 }, false],
  ["eleven", { addressesOfNetwork: 11 }, true],
  ["a password that ten addresses have failed with", { addressesOfPassword: 10 }, false],
  ["eleven", { addressesOfPassword: 11 }, true],
])("suspicious: %s", (_what, some, is) => {
  expect(isSuspicious(counts(some))).toBe(is);
});

test.each([
  [{ addressesOfNetwork: 49, addressesOfPassword: 49 }, false],
  [{ addressesOfNetwork: 50 }, true],
  [{ addressesOfPassword: 50 }, true],
  [{ inARow: 1000, ofAccount: 1000 }, false],
])("credential stuffing: %o", (some, is) => {
  expect(isStuffing(counts(some))).toBe(is);
});

test("ASVS 6.3.1: the hundredth attempt in a row may succeed, the next one may not", () => {
  expect([100, 101].map((ofAccount) => isClosed(counts({ ofAccount }), settings))).toEqual([false, true]);
});

test.each([
  [{ SIGN_IN_FAILURES_PER_ACCOUNT: "101" }],
  [{ SIGN_IN_FAILURES_PER_ACCOUNT: "9" }],
  [{ SIGN_IN_FREE_FAILURES: "0" }],
  [{ SIGN_IN_LONGEST_DELAY_MINUTES: "61" }],
])("settings that cannot be: %o", (wrong) => {
  expect(() => loadConfig({ ...testSettings, ...wrong })).toThrow(Object.keys(wrong)[0]);
});
