import { describe, expect, test } from "vitest";
import { newShortCode } from "../../../shared/platform/crypto/short-codes.ts";
import { createMfaCalls, fifty } from "../../support/mfa.ts";
import { createTestServices } from "../../support/service.ts";

const given = await createTestServices();
const { services, clock, database } = given;
const { mfa } = services;
const { now, db, newAccount, issue, tryAt } = createMfaCalls(given);

/** A challenge, and how it reads. */
async function challenged(overrides = {}) {
  const challenge = await issue(await newAccount(), overrides);
  const { tokenHash } = (await mfa.challenges.find(challenge, now())) ?? { tokenHash: Buffer.alloc(0) };
  const read = async () => (await tryAt(challenge))?.challenge;
  return { challenge, tokenHash, read };
}

describe("20.4 the code of a mail", () => {
  test("is six digits, and kept under a keyed hash that differs by challenge and by SECRET_KEY", async () => {
    const [one, two] = [await challenged(), await challenged()];
    for (const { tokenHash } of [one, two])
      expect(await mfa.emailCodes.issue({ tokenHash, code: "012345" }, now())).toBeDefined();
    const [a, b] = [(await one.read())?.emailCodeHash, (await two.read())?.emailCodeHash];
    expect([a?.length, b?.length, a?.equals(b ?? Buffer.alloc(0))]).toEqual([32, 32, false]);
    expect(newShortCode()).toMatch(/^\d{6}$/);
    const first = await one.read();
    if (!first) throw new Error("no try is left");
    expect(mfa.emailCodes.match(first, "012345")).toEqual(a);
    const foreign = (await createTestServices({ SECRET_KEY: "another-key-of-this-length-for-tests" }, database))
      .services;
    expect(foreign.mfa.emailCodes.match(first, "012345")).toBeUndefined();
  });

  test.each([
    ["as typed with spaces", " 012 345\n", true],
    ["another", "012346", false],
    ["shorter", "12345", false],
    ["none", "", false],
    ["in other digits", "٠١٢٣٤٥", false],
    ["very long", `012345${" ".repeat(100_000)}`, false],
  ])("%s is matched, or not", async (_what, typed, isRight) => {
    const { tokenHash, read } = await challenged();
    await mfa.emailCodes.issue({ tokenHash, code: "012345" }, now());
    const challenge = await read();
    if (!challenge) throw new Error("not issued");
    expect(mfa.emailCodes.match(challenge, typed) !== undefined).toBe(isRight);
  });

  test("is none where none was mailed", async () => {
    const challenge = await (await challenged()).read();
    expect(challenge && mfa.emailCodes.match(challenge, "")).toBeUndefined();
  });

  test("ends with the next one, of which there are three; a run that repeats counts once", async () => {
    const { tokenHash, read } = await challenged();
    for (const code of ["000001", "000001", "000002", "000002", "000003", "000003"])
      expect(await mfa.emailCodes.issue({ tokenHash, code }, now())).toBeInstanceOf(Date);
    expect(await mfa.emailCodes.issue({ tokenHash, code: "000004" }, now())).toBeUndefined();
    const challenge = await read();
    if (!challenge) throw new Error("not issued");
    const matched = ["000001", "000002", "000003", "000004"].map((code) => mfa.emailCodes.match(challenge, code));
    expect(matched.map((each) => each !== undefined)).toEqual([false, false, true, false]);
  });

  test("lives for ten minutes, and the challenge with it; the next one prolongs nothing", async () => {
    const { tokenHash, read } = await challenged();
    clock.advance(299);
    const until = await mfa.emailCodes.issue({ tokenHash, code: "000001" }, now());
    expect(until?.getTime()).toBe(now().getTime() + 600_000);
    clock.advance(599);
    expect(await mfa.emailCodes.issue({ tokenHash, code: "000002" }, now())).toEqual(until);
    expect(await read()).toBeDefined();
    clock.advance(1);
    expect(await read()).toBeUndefined();
    expect(await mfa.emailCodes.issue({ tokenHash, code: "000003" }, now())).toBeUndefined();
  });

  test("is not for a challenge that was used, tried too often, or is for enrolment", async () => {
    const [used, tried, enrolment] = [await challenged(), await challenged(), await challenged()];
    const first = await used.read();
    expect(first && (await mfa.challenges.use(first, now()))).toBe(true);
    for (let count = 0; count < 5; count += 1) await tried.read();
    await db
      .updateTable("mfa_challenges")
      .set({ purpose: "enrolment" })
      .where("token_hash", "=", enrolment.tokenHash)
      .execute();
    for (const { tokenHash } of [used, tried, enrolment, { tokenHash: Buffer.alloc(32) }])
      expect(await mfa.emailCodes.issue({ tokenHash, code: "000001" }, now())).toBeUndefined();
  });

  test("is used by one of 50 callers on two instances, and not once it was replaced", async () => {
    const { tokenHash, read } = await challenged();
    await mfa.emailCodes.issue({ tokenHash, code: "000001" }, now());
    const codeHash = (await read())?.emailCodeHash;
    if (!codeHash) throw new Error("not issued");
    const other = (await createTestServices({}, database)).services;
    await mfa.emailCodes.issue({ tokenHash, code: "000002" }, now());
    expect(await mfa.emailCodes.use({ tokenHash, codeHash })).toBe(false);
    const next = (await read())?.emailCodeHash;
    if (!next) throw new Error("not issued");
    const won = await fifty((turn) => (turn % 2 === 0 ? mfa : other.mfa).emailCodes.use({ tokenHash, codeHash: next }));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await read())?.emailCodeHash).toBeUndefined();
  });
});
