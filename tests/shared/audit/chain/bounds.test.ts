import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../../../shared/audit/audit.ts";
import { createBounds } from "../../../../shared/audit/chain/bounds.ts";
import { normaliseEmail } from "../../../../shared/accounts/email.ts";
import { eventTypes } from "../../../../shared/audit/event-types.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";

const noon = new Date("2026-11-30T12:00:00.000Z");
const failed = (subject: Partial<AuditEvent>): AuditEvent => ({ type: "sign_in.failed", ...subject });
const ada = failed({ accountId: "ada" });
const signedIn: AuditEvent = { type: "sign_in.succeeded", accountId: "ada" };

/** How many of so many events of one instant are kept. */
function kept(bounds: ReturnType<typeof createBounds>, count: number, event: AuditEvent, now = noon): number {
  return Array.from({ length: count }, () => bounds.admits(event, now)).filter(Boolean).length;
}

describe("19.1 of what anyone can cause", () => {
  test("an account keeps ten of a type an hour, and as many of another", () => {
    const bounds = createBounds(normaliseEmail);
    expect([kept(bounds, 11, ada), kept(bounds, 11, { ...ada, type: "verification.refused" })]).toEqual([10, 10]);
    expect(kept(bounds, 11, ada, addSeconds(noon, 3599))).toBe(0);
    expect(kept(bounds, 11, ada, addSeconds(noon, 3600))).toBe(10);
  });

  test("ASVS 6.3.8: an address without an account is kept as often as one with, however it is written", () => {
    const bounds = createBounds(normaliseEmail);
    expect(kept(bounds, 6, failed({ email: "Nobody@example.com" }))).toBe(6);
    expect(kept(bounds, 6, failed({ email: " nobody@EXAMPLE.com" }))).toBe(4);
    expect(kept(bounds, 11, failed({ email: "else@example.com" }))).toBe(10);
  });

  test.each([
    ["its domain in letters and in ASCII", "ada@m\u00fcnchen.example", "ada@xn--mnchen-3ya.example"],
    ["composed and decomposed letters", "ad\u00e9@example.com", "ade\u0301@example.com"],
  ])("19.16 an address without an account counts as one in both forms: %s", (_what, one, other) => {
    const bounds = createBounds(normaliseEmail);
    expect([kept(bounds, 6, failed({ email: one })), kept(bounds, 6, failed({ email: other }))]).toEqual([6, 4]);
  });

  test("19.14 all together keep five thousand of a type an hour; who causes them hides no other type, and no alarm", () => {
    const bounds = createBounds(normaliseEmail);
    const asked = (email: string): AuditEvent => ({ type: "registration.requested", email });
    const requests = Array.from({ length: 5001 }, (_, number) => asked(`${number}@example.com`));
    expect(requests.filter((event) => bounds.admits(event, noon))).toHaveLength(5000);
    const alarm: AuditEvent = { type: "session.repeat_suspicious", accountId: "ada" };
    const others = [asked("ada@example.com"), ada, signedIn, alarm];
    expect(others.map((event) => bounds.admits(event, noon))).toEqual([false, true, true, true]);
  });

  test("19.14 is no alarm", () => {
    const alarms = Object.values(eventTypes).filter((type) => "isAlarming" in type);
    expect(alarms.map((type) => type.kept)).toEqual(["all", "all", "all", "all"]);
  });

  test("a call from before the hour counts in it, and a clock that was set back begins anew", () => {
    const bounds = createBounds(normaliseEmail);
    kept(bounds, 10, ada);
    expect(kept(bounds, 1, ada, addSeconds(noon, -1))).toBe(0);
    expect(kept(bounds, 1, ada)).toBe(0);
    expect(kept(bounds, 1, ada, addSeconds(noon, -7200))).toBe(1);
  });
});

describe("19.1 of what only its owner can cause", () => {
  test("an account keeps five hundred of a type a day", () => {
    const bounds = createBounds(normaliseEmail);
    expect(kept(bounds, 501, signedIn)).toBe(500);
    expect(kept(bounds, 1, signedIn, addSeconds(noon, 12 * 3600 - 1))).toBe(0);
    expect(kept(bounds, 1, signedIn, addSeconds(noon, 12 * 3600))).toBe(1);
    expect(kept(bounds, 501, { type: "client.token_issued", clientId: "a" })).toBe(500);
  });

  test("19.15 one thing that an account does uses up nothing of another", () => {
    const bounds = createBounds(normaliseEmail);
    const ended = (reason: string): AuditEvent => ({ type: "session.ended", accountId: "ada", reason });
    expect([kept(bounds, 501, ended("ended by its owner")), kept(bounds, 1, ended("logout global"))]).toEqual([500, 1]);
    expect(kept(bounds, 11, { type: "account.profile_changed", accountId: "ada" })).toBe(11);
  });

  test("so many accounts are counted at once; the one that was counted the longest ago begins anew", () => {
    const bounds = createBounds(normaliseEmail, {
      few: { perSubject: 1, ofType: 1 },
      all: { perSubject: 1, subjects: 2 },
    });
    const of = (accountId: string): AuditEvent => ({ ...signedIn, accountId });
    expect(["a", "b", "a", "b", "c", "b", "a"].map((id) => bounds.admits(of(id), noon))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
  });
});

test.each([ada, signedIn])("19.15 what did not happen after all does not count: $type", (event) => {
  const bounds = createBounds(normaliseEmail, {
    few: { perSubject: 1, ofType: 1 },
    all: { perSubject: 1, subjects: 9 },
  });
  expect(kept(bounds, 2, event)).toBe(1);
  bounds.takeBack(event, { wasAdmitted: true });
  bounds.takeBack(event, { wasAdmitted: false });
  expect(kept(bounds, 2, event)).toBe(1);
  expect(bounds.takeLeftOut(addSeconds(noon, 3600))).toEqual([{ about: event.type, count: 1 }]);
});

describe("19.1 what was left out", () => {
  const later = addSeconds(noon, 3600);

  test("is told once its hour is over, by type, once", () => {
    const bounds = createBounds(normaliseEmail);
    kept(bounds, 13, ada);
    kept(bounds, 12, failed({ email: "nobody@example.com" }));
    kept(bounds, 501, signedIn);
    expect(bounds.takeLeftOut(noon)).toEqual([]);
    expect(bounds.takeLeftOut(later)).toEqual([
      { about: "sign_in.failed", count: 5 },
      { about: "sign_in.succeeded", count: 1 },
    ]);
    expect(bounds.takeLeftOut(addSeconds(later, 7200))).toEqual([]);
  });

  test("is told after all if it could not be written", () => {
    const bounds = createBounds(normaliseEmail);
    kept(bounds, 12, ada);
    bounds.giveBack(bounds.takeLeftOut(later));
    kept(bounds, 11, ada, later);
    expect(bounds.takeLeftOut(later)).toEqual([{ about: "sign_in.failed", count: 2 }]);
    expect(bounds.takeLeftOut(addSeconds(later, 3600))).toEqual([{ about: "sign_in.failed", count: 1 }]);
  });
});
