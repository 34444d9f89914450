import { describe, expect, test } from "vitest";
import { createMfa } from "../../../shared/mfa/store.ts";
import { stepAt, totpAt } from "../../../shared/mfa/totp.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { createMfaCalls, fifty } from "../../support/mfa.ts";
import { createTestServices } from "../../support/service.ts";

const given = await createTestServices();
const { services, clock, database } = given;
const { mfa } = services;
const { now, inTransaction, db, newAccount, addApp, newApp } = createMfaCalls(given);

describe("an authenticator app", () => {
  test("counts once its first code has confirmed it, and that code is used up", async () => {
    const accountId = await newAccount();
    const app = await addApp(accountId);
    expect([await mfa.totp.hasAny(accountId), await mfa.totp.list(accountId)]).toEqual([false, []]);
    const { match } = await newApp(accountId);
    expect(await mfa.totp.hasAny(accountId)).toBe(true);
    expect((await mfa.totp.list(accountId)).map(({ id }) => id)).toEqual([match.id]);
    expect(await mfa.totp.use(match, now())).toBe(false);
    expect(match.id).not.toBe(app.id);
  });

  test("is confirmed once by 50 callers, by its own account, within 15 minutes", async () => {
    const [accountId, other] = [await newAccount(), await newAccount()];
    const app = await addApp(accountId);
    const factor = await mfa.totp.findUnconfirmed(app, now());
    expect(await mfa.totp.findUnconfirmed({ ...app, accountId: other }, now())).toBeUndefined();
    const match = factor && mfa.totp.match([factor], totpAt(app.secret, now()), now());
    if (!match) throw new Error("not added");
    expect(await mfa.totp.confirm({ ...match, accountId: other }, now())).toBe(false);
    expect((await fifty(() => mfa.totp.confirm({ ...match, accountId }, now()))).filter(Boolean)).toHaveLength(1);
    const late = await addApp(accountId);
    clock.advance(15 * 60);
    expect(await mfa.totp.findUnconfirmed(late, now())).toBeUndefined();
    expect(await mfa.totp.confirm({ ...match, id: late.id, accountId }, now())).toBe(false);
  });

  test("RFC 6238, section 5.2: takes a code once, of 50 callers on two instances, and none of an earlier step", async () => {
    const app = await newApp(await newAccount());
    clock.advance(60);
    const other = (await createTestServices({}, database)).services;
    const [present, earlier] = [totpAt(app.secret, now()), totpAt(app.secret, new Date(now().getTime() - 30_000))];
    const match = mfa.totp.match([app.factor], present, now());
    const before = mfa.totp.match([app.factor], earlier, now());
    if (!match || !before) throw new Error("not matched");
    expect([match.step, before.step]).toEqual([stepAt(now()), stepAt(now()) - 1]);
    const won = await fifty((turn) => {
      return (turn % 2 === 0 ? mfa : other.mfa).totp.use(match, now());
    });
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await mfa.totp.use(before, now())).toBe(false);
    clock.advance(30);
    const next = mfa.totp.match([app.factor], totpAt(app.secret, now()), now());
    expect(next && (await mfa.totp.use(next, now()))).toBe(true);
  });

  test("is found among several by its code, and shows none of the others'", async () => {
    const accountId = await newAccount();
    const [one, two] = [await newApp(accountId), await newApp(accountId)];
    const factors = [one.factor, two.factor];
    expect(mfa.totp.match(factors, totpAt(two.secret, now()), now())?.id).toBe(two.id);
    expect(mfa.totp.match([one.factor], totpAt(two.secret, now()), now())).toBeUndefined();
  });

  test("of an account is one of ten at most, and of three that wait the oldest makes room", async () => {
    const [accountId, other] = [await newAccount(), await newAccount()];
    const strangers = await addApp(other);
    const waiting = [];
    for (let count = 0; count < 12; count += 1) {
      clock.advance(1);
      waiting.push(await addApp(accountId));
    }
    const isThere = async (app: { id: string; accountId: string }) =>
      (await mfa.totp.findUnconfirmed(app, now())) !== undefined;
    expect(await Promise.all(waiting.map(isThere))).toEqual([...Array(9).fill(false), true, true, true]);
    // A transaction that runs again finds its own, and removes none.
    const last = waiting.at(-1) ?? strangers;
    expect(await inTransaction((tx) => tx.mfa.totp.add(last, now()))).toBe(true);
    expect(await Promise.all([...waiting.slice(-3), strangers].map(isThere))).toEqual([true, true, true, true]);
    for (let count = 0; count < 10; count += 1) await newApp(accountId);
    expect((await addApp(accountId)).isAdded).toBe(false);
    expect((await addApp(other)).isAdded).toBe(true);
    expect((await mfa.totp.list(accountId)).length).toBe(10);
  });

  test("is renamed and removed by its own account alone", async () => {
    const [accountId, other] = [await newAccount(), await newAccount()];
    const { id } = await newApp(accountId);
    const unconfirmed = await addApp(accountId);
    expect(await mfa.totp.rename({ id, accountId: other, name: "Mine" })).toBe(false);
    expect(await mfa.totp.rename({ id, accountId, name: "Tablet" })).toBe(true);
    expect((await mfa.totp.list(accountId)).map(({ name }) => name)).toEqual(["Tablet"]);
    expect(await mfa.totp.remove({ id, accountId: other })).toBeUndefined();
    expect(await mfa.totp.remove({ id: unconfirmed.id, accountId })).toBeUndefined();
    expect(await mfa.totp.remove({ id, accountId })).toEqual({ name: "Tablet" });
    expect([await mfa.totp.remove({ id, accountId }), await mfa.totp.hasAny(accountId)]).toEqual([undefined, false]);
  });

  test("is purged if it was never confirmed, and only then", async () => {
    clock.advance(1);
    const accountId = await newAccount();
    const [app, left] = [await newApp(accountId), await addApp(accountId)];
    await mfa.totp.purge(100, new Date(now().getTime() - 1));
    expect(await mfa.totp.findUnconfirmed(left, now())).toBeDefined();
    await addApp(accountId);
    const purge = () => mfa.totp.purge(1, now());
    expect([await purge(), await purge(), await purge()]).toEqual([1, 1, 0]);
    expect(await mfa.totp.findUnconfirmed(left, now())).toBeUndefined();
    expect((await mfa.totp.list(accountId)).map(({ id }) => id)).toEqual([app.id]);
  });

  test("has its secret nowhere in the table, and outlives two rotations of SECRET_KEY, if a night is between", async () => {
    const { id, secret, factor } = await newApp(await newAccount());
    const rows = JSON.stringify(await db.selectFrom("totp_factors").selectAll().execute());
    expect(rows).not.toContain(secret);
    expect(rows).not.toContain(Buffer.from(secret).toString("hex"));
    const { secretKey } = services.config.service;
    const instance = (key: string, previousSecretKey: string | undefined) =>
      createMfa({ secretKey: key, previousSecretKey })(services.database.queries).totp;
    const [once, twice] = [instance("new", secretKey), instance("newer", "new")];
    const code = totpAt(secret, now());
    expect(once.match([factor], code, now())?.id).toBe(id);
    expect(twice.match([factor], code, now()), "no key opens it").toBeUndefined();
    expect(await instance("new", undefined).sealAnew(1000), "there is no earlier key").toBe(0);
    expect(await instance(secretKey, secretKey).sealAnew(1000), "it is the same").toBe(0);
    let sealed = 0;
    for (let count = await once.sealAnew(2); count > 0; count = await once.sealAnew(2)) sealed += count;
    expect(sealed).toBe((await db.selectFrom("totp_factors").select("id").execute()).length);
    const [row] = await db.selectFrom("totp_factors").select(["id", "sealed_secret"]).where("id", "=", id).execute();
    expect(row && twice.match([row], code, now())?.id).toBe(id);
    // Sealed under the id: the row of another factor does not open it.
    expect(once.match([{ ...factor, id: newId(now()) }], code, now())).toBeUndefined();
  });

  test("whose secret does not open, keeps no other from being sealed anew", async () => {
    const { secretKey } = services.config.service;
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) ids.push((await newApp(await newAccount())).id);
    const marks = async () => {
      const rows = db.selectFrom("totp_factors").select("key_mark").where("id", "in", ids).orderBy("id");
      return (await rows.execute()).map(({ key_mark: mark }) => mark.toString("hex"));
    };
    const at = createMfa({ secretKey: "third", previousSecretKey: secretKey })(services.database.queries).totp;
    const [before = ""] = await marks();
    // The first ones of the order that rows are read in.
    await db
      .updateTable("totp_factors")
      .set({ sealed_secret: Buffer.alloc(60) })
      .where("id", "in", ids.toSorted().slice(0, 2))
      .execute();
    while ((await at.sealAnew(2)) > 0);
    const after = (await marks()).map((mark) => mark === before);
    expect(after).toEqual([true, true, false, false, false, false]);
  });
});
