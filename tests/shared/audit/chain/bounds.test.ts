import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../../../shared/audit/audit.ts";
import { createBounds } from "../../../../shared/audit/chain/bounds.ts";
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
    const bounds = createBounds();
    expect([kept(bounds, 11, ada), kept(bounds, 11, { ...ada, type: "verification.refused" })]).toEqual([10, 10]);
    expect(kept(bounds, 11, ada, addSeconds(noon, 3599))).toBe(0);
    expect(kept(bounds, 11, ada, addSeconds(noon, 3600))).toBe(10);
  });

  test("ASVS 6.3.8: an address without an account is kept as often as one with, however it is written", () => {
    const bounds = createBounds();
    expect(kept(bounds, 6, failed({ email: "Nobody@example.com" }))).toBe(6);
    expect(kept(bounds, 6, failed({ email: " nobody@EXAMPLE.com" }))).toBe(4);
    expect(kept(bounds, 11, failed({ email: "else@example.com" }))).toBe(10);
  });

  test("all together keep twenty thousand an hour", () => {
    const bounds = createBounds();
    const guesses = Array.from({ length: 20_001 }, (_, number) => failed({ email: `${number}@example.com` }));
    expect(guesses.filter((event) => bounds.admits(event, noon))).toHaveLength(20_000);
    expect([bounds.admits(ada, noon), bounds.admits(signedIn, noon)]).toEqual([false, true]);
  });

  test("a call from before the hour counts in it, and a clock that was set back begins anew", () => {
    const bounds = createBounds();
    kept(bounds, 10, ada);
    expect(kept(bounds, 1, ada, addSeconds(noon, -1))).toBe(0);
    expect(kept(bounds, 1, ada)).toBe(0);
    expect(kept(bounds, 1, ada, addSeconds(noon, -7200))).toBe(1);
  });
});

describe("19.1 of what only its owner can cause", () => {
  test("an account keeps five hundred of a type a day", () => {
    const bounds = createBounds();
    expect(kept(bounds, 501, signedIn)).toBe(500);
    expect(kept(bounds, 1, signedIn, addSeconds(noon, 12 * 3600 - 1))).toBe(0);
    expect(kept(bounds, 1, signedIn, addSeconds(noon, 12 * 3600))).toBe(1);
    expect(kept(bounds, 501, { type: "client.token_issued", clientId: "a" })).toBe(500);
  });

  test("so many accounts are counted at once; the one that was counted the longest ago begins anew", () => {
    const bounds = createBounds({ few: { perSubject: 1, inAll: 1 }, all: { perSubject: 1, subjects: 2 } });
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

describe("19.1 what was left out", () => {
  const later = addSeconds(noon, 3600);

  test("is told once its hour is over, by type, once", () => {
    const bounds = createBounds();
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
    const bounds = createBounds();
    kept(bounds, 12, ada);
    bounds.giveBack(bounds.takeLeftOut(later));
    kept(bounds, 11, ada, later);
    expect(bounds.takeLeftOut(later)).toEqual([{ about: "sign_in.failed", count: 2 }]);
    expect(bounds.takeLeftOut(addSeconds(later, 3600))).toEqual([{ about: "sign_in.failed", count: 1 }]);
  });
});
