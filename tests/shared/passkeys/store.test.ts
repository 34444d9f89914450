import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { createTestServices } from "../../support/service.ts";

const { services, clock } = await createTestServices();
const { passkeys } = services;
const after = (seconds: number) => new Date(clock.now().getTime() + 1000 * seconds);
const challenge = (expiresAt: Date) => ({ kind: "sign_in", id: "x", hash: randomBytes(32), expiresAt }) as const;

test("20.5 a challenge is used by one call, which knows it again", async () => {
  const [one, other] = [newId(clock.now()), newId(clock.now())];
  const met = challenge(after(300));
  expect(await passkeys.useChallenge(met, one)).toBe("now");
  expect(await passkeys.useChallenge(met, one)).toBe("in_earlier_run");
  expect(await passkeys.useChallenge(met, other)).toBeUndefined();
  const calls = Array.from({ length: 50 }, () => newId(clock.now()));
  const racing = challenge(after(300));
  const outcomes = await Promise.all(calls.map((by) => passkeys.useChallenge(racing, by)));
  expect(outcomes.filter((outcome) => outcome === "now")).toHaveLength(1);
  expect(outcomes.filter(Boolean)).toHaveLength(1);
});

test("20.5 a used challenge is kept until it has expired, and removed in batches", async () => {
  while ((await passkeys.purgeChallenges(100, after(1000))) > 0);
  const [by, expired] = [newId(clock.now()), after(10)];
  const kept = challenge(after(11));
  for (const met of [challenge(expired), challenge(expired), challenge(expired), kept])
    await passkeys.useChallenge(met, by);
  expect(await passkeys.purgeChallenges(2, expired)).toBe(2);
  expect(await passkeys.purgeChallenges(2, expired)).toBe(1);
  expect(await passkeys.purgeChallenges(2, expired)).toBe(0);
  expect(await passkeys.useChallenge(kept, by)).toBe("in_earlier_run");
});
