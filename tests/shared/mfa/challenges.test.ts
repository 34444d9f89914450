import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { newId, randomToken } from "../../../shared/platform/crypto/random.ts";
import { contextOf } from "../../support/context.ts";
import { createMfaCalls, fifty } from "../../support/mfa.ts";
import { createTestServices } from "../../support/service.ts";

const given = await createTestServices();
const { services, clock, database } = given;
const { mfa } = services;
const { now, inTransaction, db, newAccount, addApp, newApp, issue, tryAt } = createMfaCalls(given);

describe("a challenge", () => {
  test("is met with what it was issued for, and the account's confirmed apps", async () => {
    const accountId = await newAccount();
    const [one, two] = [await newApp(accountId), await newApp(accountId)];
    await addApp(accountId);
    const { token, ...first } = await issue(accountId, { methods: [], provider: "acme" });
    const tried = await tryAt({ token, ...first });
    expect(tried?.challenge).toEqual({ ...first, tokenHash: expect.any(Buffer) as Buffer });
    expect(tried?.factors.map(({ id }) => id).toSorted()).toEqual([one.id, two.id].toSorted());
    const alone = await tryAt(await issue(await newAccount()));
    expect([alone?.challenge.methods, alone?.factors]).toEqual([["pwd"], []]);
  });

  test.each([
    ["another token", { token: randomToken() }],
    ["the same bits in another spelling", { token: `${randomToken()}=` }],
    ["an empty token", { token: "" }],
    ["another device", { deviceHash: Buffer.alloc(32, 8) }],
    ["another purpose", { purpose: "enrolment" as const }],
  ])("is unknown by %s, which costs no try", async (_what, changed) => {
    const challenge = await issue(await newAccount());
    for (let round = 0; round < 6; round += 1) expect(await tryAt({ ...challenge, ...changed })).toBeUndefined();
    expect(await tryAt(challenge)).toBeDefined();
  });

  test("takes five tries, of 50 callers at once, and no other on another instance", async () => {
    const challenge = await issue(await newAccount());
    const tried = await fifty(() => tryAt(challenge));
    expect(tried.filter((each) => each !== undefined)).toHaveLength(5);
    const other = (await createTestServices({}, database)).services;
    const attempt = { ...challenge, tryId: newId(now()) };
    const again = other.transaction(contextOf(other), (tx) => tx.mfa.challenges.countTry(attempt, now()));
    expect(await again).toBeUndefined();
  });

  test("counts a try once that runs again, and gives one back that was not looked at", async () => {
    const challenge = await issue(await newAccount());
    const tryId = newId(now());
    for (let round = 0; round < 8; round += 1) expect(await tryAt(challenge, tryId)).toBeDefined();
    for (let round = 0; round < 8; round += 1) {
      const tried = await tryAt(challenge);
      if (!tried) throw new Error("no try is left");
      await mfa.challenges.giveBackTry(tried.challenge);
    }
    for (let round = 0; round < 4; round += 1) expect(await tryAt(challenge)).toBeDefined();
    expect(await tryAt(challenge)).toBeUndefined();
  });

  test("is used by one of 50 callers on two instances, and then takes no try", async () => {
    const challenge = await issue(await newAccount());
    const tried = await tryAt(challenge);
    if (!tried) throw new Error("not issued");
    const other = (await createTestServices({}, database)).services;
    const won = await fifty((turn) => {
      return (turn % 2 === 0 ? mfa : other.mfa).challenges.use(tried.challenge, now());
    });
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await tryAt(challenge)).toBeUndefined();
  });

  test("lives for five minutes", async () => {
    const challenge = await issue(await newAccount());
    clock.advance(5 * 60 - 0.001);
    const tried = await tryAt(challenge);
    expect(tried).toBeDefined();
    clock.advance(0.001);
    expect(await tryAt(challenge)).toBeUndefined();
    expect(tried && (await mfa.challenges.use(tried.challenge, now()))).toBe(false);
  });

  test("is issued once by a transaction that runs twice, and not revived", async () => {
    const accountId = await newAccount();
    const challenge = await issue(accountId);
    const tried = await tryAt(challenge);
    expect(tried && (await mfa.challenges.use(tried.challenge, now()))).toBe(true);
    await issue(accountId, challenge);
    expect(await tryAt(challenge)).toBeUndefined();
  });

  test("ends with all of its account, and with the fifth after it on its device", async () => {
    const [accountId, other] = [await newAccount(), await newAccount()];
    const [mine, foreign] = [await issue(accountId), await issue(other)];
    await inTransaction((tx) => tx.mfa.challenges.endAll(accountId));
    expect([await tryAt(mine), await tryAt(foreign)]).toEqual([undefined, expect.anything()]);
    clock.advance(1);
    const oldest = await issue(other);
    clock.advance(1);
    for (let count = 0; count < 4; count += 1) await issue(other);
    expect([await tryAt(foreign), await tryAt(oldest)]).toEqual([undefined, expect.anything()]);
    await issue(other);
    expect(await tryAt(oldest)).toBeUndefined();
  });

  test("of a device that the account knows outlives any number of others; of those, the oldest ends with the fiftieth after it", async () => {
    const accountId = await newAccount();
    const known = randomBytes(32);
    const [owners, oldest] = [
      await issue(accountId, { deviceHash: known, isDeviceKnown: true }),
      await issueElsewhere(),
    ];
    function issueElsewhere() {
      clock.advance(1);
      return issue(accountId, { deviceHash: randomBytes(32) });
    }
    for (let count = 0; count < 49; count += 1) await issueElsewhere();
    const before = await tryAt(oldest);
    await issueElsewhere();
    const [after, own] = [await tryAt(oldest), await tryAt(owners)];
    expect([before?.challenge.isDeviceKnown, after, own?.challenge.isDeviceKnown]).toEqual([false, undefined, true]);
  });

  test("is purged once it has expired, as much as it may; its token is nowhere in the table", async () => {
    const accountId = await newAccount();
    clock.advance(600);
    await mfa.challenges.purge(1000, now());
    await issue(accountId);
    const { token } = await issue(accountId);
    clock.advance(300);
    const live = await issue(accountId);
    expect(JSON.stringify(await db.selectFrom("mfa_challenges").selectAll().execute())).not.toContain(token);
    const purge = () => mfa.challenges.purge(1, now());
    expect([await purge(), await purge(), await purge()]).toEqual([1, 1, 0]);
    expect(await tryAt(live)).toBeDefined();
  });
});
