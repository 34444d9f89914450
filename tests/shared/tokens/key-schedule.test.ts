import { describe, expect, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { scheduleKeys, type DatedKey } from "../../../shared/tokens/keys/key-schedule.ts";

const now = new Date("2026-01-15T12:00:00.000Z");
const minute = 60;
const tokenSeconds = 30 * minute;

/** A key that signs from this many seconds after `now`. */
function key(kid: string, signsFrom: number, more: Partial<DatedKey> = {}): DatedKey {
  const dates = { created_at: addSeconds(now, signsFrom - 66 * minute), signs_from: addSeconds(now, signsFrom) };
  const common = { generation: Number(kid), algorithm: "RS256", revoked_at: null, token_seconds: tokenSeconds };
  return { kid, ...common, ...dates, ...more };
}

const statesOf = (rows: readonly DatedKey[], algorithm = "RS256", seconds = 0) =>
  scheduleKeys(rows, { algorithm }, addSeconds(now, seconds)).map(({ row, state }) => `${row.kid} ${state}`);

describe("scheduleKeys", () => {
  test("a key signs from its instant on, to the millisecond, and the one before it is retired", () => {
    const rows = [key("1", -1000), key("2", 10)];
    expect(statesOf(rows, "RS256", 9.999)).toEqual(["1 current", "2 next"]);
    expect(statesOf(rows, "RS256", 10)).toEqual(["1 retired", "2 current"]);
  });

  test("a retired key is gone when the last token that it may have signed has expired, skew included", () => {
    const rows = [key("1", -1000), key("2", 0)];
    const last = 5 * minute + tokenSeconds + minute;
    expect(statesOf(rows, "RS256", last - 0.001)).toEqual(["1 retired", "2 current"]);
    expect(statesOf(rows, "RS256", last)).toEqual(["1 gone", "2 current"]);
  });

  test("a key that does not know how long its tokens live is kept for a day", () => {
    const rows = [key("1", -1000, { token_seconds: null }), key("2", 0)];
    const last = 5 * minute + 24 * 60 * minute + minute;
    expect(statesOf(rows, "RS256", last - 0.001)).toEqual(["1 retired", "2 current"]);
    expect(statesOf(rows, "RS256", last)).toEqual(["1 gone", "2 current"]);
  });

  test("a key without a date signs since it was made", () => {
    expect(statesOf([key("1", 0, { signs_from: null, created_at: addSeconds(now, -5) })])).toEqual(["1 current"]);
  });

  test("a revoked key is nothing else, and the one before it stays retired: it may be sealed with a secret of before", () => {
    expect(statesOf([key("1", -1000), key("2", -60, { revoked_at: now })])).toEqual(["1 retired", "2 revoked"]);
    const last = 4 * minute + tokenSeconds + minute;
    expect(statesOf([key("1", -1000), key("2", -60, { revoked_at: now })], "RS256", last)).toEqual([
      "1 gone",
      "2 revoked",
    ]);
  });

  test("a key that was revoked before it could sign has replaced none", () => {
    const rows = [key("1", -1000), key("2", 60, { revoked_at: now })];
    expect(statesOf(rows, "RS256", 120)).toEqual(["1 current", "2 revoked"]);
  });

  test("after a change of ALGORITHM each kind has its own while it is rolled out; then the old kind is retired and gone", () => {
    const rows = [key("1", -1000), key("2", 0, { algorithm: "ES256" })];
    expect(statesOf(rows, "ES256", 1)).toEqual(["1 retired", "2 current"]);
    expect(statesOf(rows, "RS256", 299)).toEqual(["1 current", "2 retired"]);
    expect(statesOf(rows, "RS256", 300), "an instance of the old kind makes a new key").toEqual([
      "1 retired",
      "2 retired",
    ]);
    expect(statesOf(rows, "ES256", 3600)).toEqual(["1 gone", "2 current"]);
  });

  test("of keys of one instant, the later made signs", () => {
    expect(statesOf([key("2", -1), key("1", -1)])).toEqual(["1 retired", "2 current"]);
  });
});
