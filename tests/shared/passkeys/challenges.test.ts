import { expect, test } from "vitest";
import { createPasskeyChallenges, type ChallengeKind } from "../../../shared/passkeys/challenges.ts";
import { testSecretKey } from "../../support/settings.ts";

const challenges = createPasskeyChallenges(testSecretKey);
const now = new Date("2026-12-01T12:00:00Z");
const after = (seconds: number) => new Date(now.getTime() + 1000 * seconds);
const use = { kind: "create", subject: "session" } as const;
const kinds: ChallengeKind[] = ["create", "conditional_create", "sign_in", "second_factor", "step_up"];

test("20.5 a challenge is good for what it was asked for, for five minutes", () => {
  for (const kind of kinds) {
    const { challenge, id } = challenges.issue({ kind, subject: "one" }, now);
    for (const other of kinds) {
      const opened = challenges.open(challenge, [{ kind: other, subject: "one" }], now);
      expect(opened?.kind).toBe(other === kind ? kind : undefined);
      if (opened) expect([opened.id, opened.hash.length]).toEqual([id, 32]);
    }
    expect(challenges.open(challenge, [{ kind, subject: "other" }], now)).toBeUndefined();
    expect(challenges.open(challenge, [{ kind, subject: "one" }], after(299))).toBeDefined();
    expect(challenges.open(challenge, [{ kind, subject: "one" }], after(300))).toBeUndefined();
  }
});

test("20.5 each challenge is another one, with 128 random bits", () => {
  const texts = Array.from({ length: 100 }, () => challenges.issue(use, now));
  expect(new Set(texts.map(({ challenge }) => challenge)).size).toBe(100);
  expect(new Set(texts.map(({ id }) => id)).size).toBe(100);
});

test("20.5 a challenge with any bit changed, or in another spelling, is not ours", () => {
  const { challenge } = challenges.issue(use, now);
  const bytes = Buffer.from(challenge, "base64url");
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(challenges.open(changed.toString("base64url"), [use], now), `bit ${bit}`).toBeUndefined();
  }
  for (const text of [
    "",
    "x",
    `${challenge}=`,
    ` ${challenge}`,
    challenge.slice(1),
    `${challenge}A`,
    bytes.toString("base64"),
  ])
    if (text !== challenge) expect(challenges.open(text, [use], now), text).toBeUndefined();
});

test("20.5 challenges outlive a rotation of SECRET_KEY", () => {
  const { challenge } = challenges.issue(use, now);
  const next = "another-6f1d0c8e5b7a49d2a3c4e5f60718293a";
  expect(createPasskeyChallenges(next, testSecretKey).open(challenge, [use], now)).toBeDefined();
  expect(createPasskeyChallenges(next).open(challenge, [use], now)).toBeUndefined();
});
