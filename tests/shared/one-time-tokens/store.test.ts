import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { newOneTimeSecret, type OneTimeSecret } from "../../../shared/one-time-tokens/secrets.ts";
import type { NewOneTimeToken } from "../../../shared/one-time-tokens/store.ts";
import type { OneTimeTokensTable } from "../../../shared/one-time-tokens/tables.ts";
import { contextOf } from "../../support/context.ts";
import { createTestServices } from "../../support/service.ts";

const { services, clock } = await createTestServices();
const { oneTimeTokens: tokens } = services;
const now = () => clock.now();
const minutes = (count: number) => clock.advance(60 * count);

let people = 0;

/** Issues a token in a transaction of its own, for a new person unless overridden. */
async function issue(overrides: Partial<NewOneTimeToken> = {}) {
  people += 1;
  const address = { email: `Person${people}@Example.com`, emailNormalised: `person${people}@example.com` };
  const secret: OneTimeSecret = newOneTimeSecret();
  const order = { purpose: "verify_email", subjectId: newId(now()), ...address, secret, ...overrides } as const;
  await services.transaction(contextOf(services), (tx) => tx.oneTimeTokens.issue(order, now()));
  return { ...order, token: order.secret.token, code: order.secret.code ?? "" };
}

const find = ({ token, purpose }: Pick<NewOneTimeToken, "purpose"> & { token: string }) =>
  tokens.find({ token, purpose }, now());

/** Finds a token and uses it up, as every flow does. */
async function use(issued: Awaited<ReturnType<typeof issue>>) {
  const found = await find(issued);
  return found !== undefined && tokens.consume(found, now());
}

describe("a one-time token", () => {
  test("is found with what it was issued for, any number of times, and used once", async () => {
    const issued = await issue();
    const { subjectId, email, emailNormalised, purpose } = issued;
    for (let round = 0; round < 3; round += 1)
      expect(await find(issued)).toMatchObject({ state: "live", subjectId, email, emailNormalised, purpose });
    expect([await use(issued), await use(issued)]).toEqual([true, false]);
  });

  test("is used by one of 50 callers at once", async () => {
    const found = await find(await issue());
    if (!found) throw new Error("not issued");
    const won = await Promise.all(Array.from({ length: 50 }, () => tokens.consume(found, now())));
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  test("is known as used for 24 hours", async () => {
    const issued = await issue();
    await use(issued);
    minutes(24 * 60 - 1);
    expect(await find(issued)).toMatchObject({ state: "used" });
    minutes(1);
    expect(await find(issued)).toBeUndefined();
  });

  test.each([
    ["of another purpose", { purpose: "reset_password" as const }],
    ["truncated", { token: "A".repeat(42) }],
    ["empty", { token: "" }],
    ["with a lone surrogate", { token: "\uD800" }],
  ])("%s is unknown", async (_what, changed) => {
    const issued = await issue();
    expect(await find({ ...issued, ...changed })).toBeUndefined();
  });

  test("lives for ONE_TIME_TOKEN_MINUTES, or as long as it is given", async () => {
    const [usual, undo] = [await issue(), await issue({ purpose: "undo_email", lifetimeSeconds: 7 * 86_400 })];
    minutes(29);
    const found = await find(usual);
    minutes(1);
    expect([await find(usual), found && (await tokens.consume(found, now()))]).toEqual([undefined, false]);
    minutes(7 * 1440 - 31);
    expect(await find(undo)).toMatchObject({ state: "live" });
    minutes(1);
    expect(await find(undo)).toBeUndefined();
  });

  test("is nowhere in the table, nor is its code", async () => {
    const { token, code } = await issue();
    const db = services.database.queries.withTables<{ one_time_tokens: OneTimeTokensTable }>();
    const rows = JSON.stringify(await db.selectFrom("one_time_tokens").selectAll().execute());
    expect(rows).not.toContain(token);
    expect(rows).not.toContain(`"${code}"`);
  });
});

describe("ending tokens:", () => {
  test("a new one ends the older of its purpose and subject, and no other; an undo ends none", async () => {
    const first = await issue();
    const { subjectId } = first;
    const [reset, foreign] = [await issue({ subjectId, purpose: "reset_password" }), await issue()];
    const undo = await issue({ subjectId, purpose: "undo_email" });
    const [second, secondUndo] = [await issue({ subjectId }), await issue({ subjectId, purpose: "undo_email" })];
    const found = await Promise.all([first, reset, foreign, undo, second, secondUndo].map(find));
    expect(found.map((token) => token?.state)).toEqual([undefined, "live", "live", "live", "live", "live"]);
  });

  test("a transaction that runs twice issues one, and does not revive one that was used", async () => {
    const issued = await issue();
    await issue(issued);
    expect(await use(issued)).toBe(true);
    await issue(issued);
    expect(await find(issued)).toMatchObject({ state: "used" });
  });

  test("all of an account end but undos, and what was used is still remembered", async () => {
    const verified = await issue();
    await use(verified);
    const { subjectId } = verified;
    const purposes = ["verify_email", "reset_password", "confirm_email", "undo_email"] as const;
    const open = await Promise.all(purposes.map((purpose) => issue({ subjectId, purpose })));
    await services.transaction(contextOf(services), (tx) => tx.oneTimeTokens.endAll(subjectId));
    const found = await Promise.all([verified, ...open].map(find));
    expect(found.map((token) => token?.state)).toEqual(["used", undefined, undefined, undefined, "live"]);
    expect(await tokens.eraseSome({ subjectId, emailNormalised: null }, 1)).toMatchObject({ removed: 1 });
    expect(await tokens.eraseSome({ subjectId, emailNormalised: null }, 10)).toMatchObject({ removed: 1 });
    expect(await Promise.all([verified, ...open].map(find))).toEqual([verified, ...open].map(() => undefined));
  });

  test("those of an address end, whosever they are", async () => {
    const address = { email: "ada@example.com", emailNormalised: "ada@example.com" };
    const [one, two, other] = [await issue(address), await issue(address), await issue()];
    const reset = await issue({ ...address, purpose: "reset_password" });
    const verification = { purpose: "verify_email", emailNormalised: "ada@example.com" } as const;
    await services.transaction(contextOf(services), (tx) => tx.oneTimeTokens.endForAddress(verification));
    const found = await Promise.all([one, two, other, reset].map(find));
    expect(found.map((token) => token?.state)).toEqual([undefined, undefined, "live", "live"]);
  });

  test("of an address with as many as it may have, a further one is not issued, unless it may have more", async () => {
    const address = { email: "many@example.com", emailNormalised: "many@example.com" };
    const open = [await issue({ ...address, most: 2 }), await issue({ ...address, most: 2 })];
    const issued = [...open, await issue({ ...address, most: 2 }), await issue(address)];
    const reset = await issue({ ...address, purpose: "reset_password", most: 1 });
    const found = await Promise.all([...issued, reset].map(find));
    expect(found.map((token) => token?.state)).toEqual(["live", "live", undefined, "live", "live"]);
    minutes(30);
    expect(await find(await issue({ ...address, most: 1 }))).toMatchObject({ state: "live" });
  });

  test("the purge removes what expired, as much as it may", async () => {
    minutes(1440);
    await tokens.purge(1000, now());
    const [expired] = [await issue(), await issue()];
    minutes(30);
    const live = await issue();
    expect([await tokens.purge(1, now()), await tokens.purge(5, now()), await tokens.purge(5, now())]).toEqual([
      1, 1, 0,
    ]);
    expect([await find(expired), await find(live)]).toEqual([undefined, expect.objectContaining({ state: "live" })]);
  });
});

describe("a code", () => {
  const enter = ({ purpose, emailNormalised, code }: Awaited<ReturnType<typeof issue>>) =>
    tokens.findByCode({ purpose, emailNormalised, code }, now());
  const wrong = (issued: Awaited<ReturnType<typeof issue>>) => ({
    ...issued,
    code: issued.code === "000000" ? "000001" : "000000",
  });

  /** An address that several tokens are issued for. */
  const eve = () => {
    people += 1;
    return { email: `eve${people}@example.com`, emailNormalised: `eve${people}@example.com` };
  };

  test("has six digits, and finds the token that was mailed with it", async () => {
    const issued = await issue();
    expect(issued.code).toMatch(/^\d{6}$/);
    expect(await enter(issued)).toMatchObject({ state: "live", subjectId: issued.subjectId });
    expect(await enter(wrong(issued))).toBeUndefined();
  });

  test("ends with the fifth wrong try; the link lives on", async () => {
    const issued = await issue();
    for (let round = 0; round < 4; round += 1) await enter(wrong(issued));
    const fifth = await issue();
    for (let round = 0; round < 5; round += 1) await enter(wrong(fifth));
    expect([await enter(issued), await enter(fifth)]).toEqual([expect.objectContaining({ state: "live" }), undefined]);
    expect(await use(fifth)).toBe(true);
  });

  test("is tried five times at most by 50 callers at once", async () => {
    const issued = await issue();
    const found = await Promise.all(Array.from({ length: 50 }, () => enter(issued)));
    expect(found.filter((token) => token !== undefined)).toHaveLength(5);
  });

  test("is taken for the newest token of its address only; the links of the others work", async () => {
    const address = eve();
    const one = await issue(address);
    minutes(1);
    const two = await issue(address);
    expect(await enter(one)).toBeUndefined();
    expect((await enter(two))?.subjectId).toBe(two.subjectId);
    expect(await use(one)).toBe(true);
  });

  test("has the tries of the last hour at others of its address, so that more mails give no more guesses", async () => {
    const address = eve();
    const first = await issue(address);
    for (let round = 0; round < 3; round += 1) await enter(wrong(first));
    minutes(29);
    const stranger = await issue(address);
    for (let round = 0; round < 2; round += 1) await enter(wrong(stranger));
    // Another mail ends the token before it, but not its tries.
    minutes(29);
    const again = await issue({ ...address, subjectId: stranger.subjectId });
    expect([await enter(again), await find(again)]).toEqual([undefined, expect.objectContaining({ state: "live" })]);
    const foreign = [await issue(), await issue({ ...address, purpose: "reset_password" })];
    for (const each of foreign) expect(await enter(each)).toMatchObject({ state: "live" });
    minutes(60);
    expect(await enter(await issue(address))).toMatchObject({ state: "live" });
  });

  test("of another address or purpose finds nothing, nor does any for a token without one", async () => {
    const issued = await issue();
    expect(await enter({ ...issued, emailNormalised: "other@example.com" })).toBeUndefined();
    expect(await enter({ ...issued, purpose: "reset_password" })).toBeUndefined();
    const { token } = newOneTimeSecret();
    expect(await enter({ ...(await issue({ secret: { token } })), code: "" })).toBeUndefined();
  });

  test("that was used is known for 24 hours, and one that expired is not", async () => {
    const [used, expired] = [await issue(), await issue()];
    await use(used);
    minutes(30);
    expect([await enter(used), await enter(expired)]).toEqual([expect.objectContaining({ state: "used" }), undefined]);
  });

  test("outlives a rotation of SECRET_KEY", async () => {
    const issued = await issue();
    const { createOneTimeTokens } = await import("../../../shared/one-time-tokens/store.ts");
    const previousSecretKey = services.config.service.secretKey;
    const rotated = createOneTimeTokens(services.config.oneTimeTokens, { secretKey: "new", previousSecretKey });
    const { purpose, emailNormalised, code } = issued;
    const found = await rotated(services.database.queries).findByCode({ purpose, emailNormalised, code }, now());
    expect(found?.subjectId).toBe(issued.subjectId);
  });
});
