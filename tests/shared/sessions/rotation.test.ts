import { describe, expect, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { createSuccession, hashRefreshToken } from "../../../shared/sessions/refresh-token.ts";
import { judgeUnrotated, refreshTokenExpiry } from "../../../shared/sessions/rotation.ts";

const now = new Date("2026-01-15T12:00:00.000Z");

describe("judgeUnrotated", () => {
  test.each([
    ["unknown", undefined, "invalid"],
    ["unused and therefore expired", { consumedAt: null, isSessionLive: true }, "invalid"],
    ["used just now", { consumedAt: now, isSessionLive: true }, "repeat"],
    ["used at the last instant of the window", { consumedAt: addSeconds(now, -10), isSessionLive: true }, "repeat"],
    ["used a millisecond before that", { consumedAt: addSeconds(now, -10.001), isSessionLive: true }, "reuse"],
    ["used by a machine whose clock is ahead", { consumedAt: addSeconds(now, 3), isSessionLive: true }, "repeat"],
    ["used, of a session that is over", { consumedAt: now, isSessionLive: false }, "invalid"],
    ["used long ago, of a session that is over", { consumedAt: addSeconds(now, -99), isSessionLive: false }, "invalid"],
  ])("a token %s is: %s", (_what, token, expected) => {
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
