import { describe, expect, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { createSuccession, hashRefreshToken } from "../../../shared/sessions/refresh-token.ts";
import { judgeUnrotated, refreshTokenExpiry } from "../../../shared/sessions/rotation.ts";

const now = new Date("2026-01-15T12:00:00.000Z");

describe("judgeUnrotated", () => {
  const used = (secondsAgo: number, isSameByOtherClock = false) => ({
    consumedAt: addSeconds(now, -secondsAgo),
    isSessionLive: true,
    isSameByOtherClock,
  });

  test.each([
    ["unknown", undefined, "invalid"],
    ["unused and therefore expired", { ...used(0), consumedAt: null }, "invalid"],
    ["used just now", used(0), "repeat"],
    ["used at the last instant of the window", used(10), "repeat"],
    ["used a millisecond before that", used(10.001), "reuse"],
    ["used by a machine whose clock is ahead", used(-3), "repeat"],
    ["used, of a session that is over", { ...used(0), isSessionLive: false }, "invalid"],
    ["used long ago, of a session that is over", { ...used(99), isSessionLive: false }, "invalid"],
  ])("a token %s is: %s", (_what, token, expected) => {
    expect(judgeUnrotated(token, 10, now)).toBe(expected);
  });

  test.each([
    ["from the same place, by a clock that is behind", used(70, true), "repeat"],
    ["from the same place, by a clock that is behind for more than it may be", used(70.001, true), "reuse"],
    ["from the same place, by a clock that is ahead", used(-70, true), "repeat"],
    ["from the same place, by a clock that is ahead for more than it may be", used(-70.001, true), "invalid"],
    ["from elsewhere, or here, for longer than the window", used(11), "reuse"],
    ["from elsewhere, by a clock that is ahead for longer than the window", used(-11), "invalid"],
  ])("15.20 a token that was used %s is: %s", (_what, token, expected) => {
    expect(judgeUnrotated(token, 10, now)).toBe(expected);
  });
});

test("ASVS 7.3.1, 7.3.2: a token lives for the idle time, never beyond its session", () => {
  expect(refreshTokenExpiry(100, addSeconds(now, 101), now)).toEqual(addSeconds(now, 100));
  expect(refreshTokenExpiry(100, addSeconds(now, 99), now)).toEqual(addSeconds(now, 99));
});

test("a successor depends on the token and on the secret, and looks like any token", () => {
  const successorOf = createSuccession("a".repeat(32));
  expect(successorOf("one")).toBe(successorOf("one"));
  expect(successorOf("one")).not.toBe(successorOf("two"));
  expect(successorOf("one")).not.toBe(createSuccession("b".repeat(32))("one"));
  expect(successorOf("one")).toMatch(/^[\w-]{43}$/);
});

test("another spelling of the same token's bits is another hash", () => {
  const token = `${"A".repeat(42)}A`;
  const alias = `${"A".repeat(42)}B`;
  expect(Buffer.from(token, "base64url")).toEqual(Buffer.from(alias, "base64url"));
  expect(hashRefreshToken(token)).not.toEqual(hashRefreshToken(alias));
});
