import { describe, expect, test } from "vitest";
import { createSubjects, type Stranger } from "../../../shared/sign-in-failures/subjects.ts";
import { testSecretKey } from "../../support/settings.ts";

const { attempt: subjectsOf } = createSubjects(testSecretKey);
const now = new Date("2026-01-15T12:00:00.000Z");
const stranger: Stranger = {
  identifier: "ada@example.com",
  network: "203.0.113",
  site: "203.0.113",
  accountId: "0b6f4a6e-0000-8000-8000-000000000001",
  password: "a wrong pass phrase",
};
const of = (some: Partial<Stranger> = {}) => subjectsOf({ ...stranger, ...some }, now);

describe("a stranger's attempt", () => {
  test("is paced by address and network, whether or not there is an account", () => {
    expect(of({ accountId: undefined }).paced).toEqual(of().paced);
    expect(of({ password: "another" }).paced).toEqual(of().paced);
    for (const other of [{ identifier: "bob@example.com" }, { network: "203.0.114" }])
      expect(of(other).paced).not.toEqual(of().paced);
  });

  test("is bounded by account, whatever the network; without one by address", () => {
    expect(of({ network: "198.51.100" }).bounded).toEqual(of().bounded);
    expect(of({ accountId: undefined, network: "198.51.100" }).bounded).toEqual(of({ accountId: undefined }).bounded);
    expect(of({ accountId: undefined }).bounded).not.toEqual(of().bounded);
  });

  test("has its site in common with others, whatever the network there", () => {
    expect(of({ network: "2001:db8:1:2" }).common).toEqual(of().common);
    expect(of({ site: "2001:db8:2" }).common?.network).not.toEqual(of().common?.network);
  });

  test("shares a million rows of each kind with all others, so that none of them can fill a database", () => {
    const { paced, common } = of();
    const { bounded } = of({ accountId: undefined });
    for (const subject of [paced, bounded, common?.network]) {
      expect(subject?.length).toBe(16);
      expect(subject?.subarray(12, 13)[0], "of 32 bits").toBe(0);
      expect(subject?.readUInt32BE(12)).toBeLessThan(2 ** 20);
    }
  });

  test("keeps sixteen bits of its password, which another secret key or another day makes others", () => {
    const mark = (subjects: ReturnType<typeof subjectsOf>) => subjects.common?.passwordMark ?? -1;
    const marks = Array.from({ length: 2000 }, (_, count) => mark(of({ password: `pass phrase ${count}` })));
    expect(Math.max(...marks)).toBeLessThan(2 ** 16);
    expect(Math.min(...marks)).toBeGreaterThanOrEqual(0);
    expect(new Set(marks).size).toBeGreaterThan(1900);
    expect(mark(of())).toBe(mark(of({ identifier: "bob@example.com", network: "198.51.100" })));
    const tomorrow = subjectsOf(stranger, new Date("2026-01-16T12:00:00.000Z"));
    const elsewhere = createSubjects("another-secret-key-of-32-characters-x").attempt(stranger, now);
    expect(new Set([mark(of()), mark(tomorrow), mark(elsewhere)]).size).toBe(3);
  });
});

test("a device that the account knows has a row of its own there, and leaves nothing of its password", () => {
  const known = { accountId: stranger.accountId ?? "", deviceId: "one" };
  const own = subjectsOf(known, now);
  expect([own.bounded, own.common]).toEqual([own.paced, undefined]);
  expect(subjectsOf({ ...known, deviceId: "two" }, now).paced).not.toEqual(own.paced);
  expect(subjectsOf({ ...known, accountId: "another" }, now).paced).not.toEqual(own.paced);
});
