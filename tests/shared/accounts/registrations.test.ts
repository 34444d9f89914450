import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/platform/crypto/random.ts";
import type { Transaction } from "../../../shared/stores.ts";
import { contextOf } from "../../support/context.ts";
import { createTestServices } from "../../support/service.ts";

const { services, clock } = await createTestServices();
const { accounts } = services;
const day = 86_400;

/** Keeps a registration, in a transaction of its own. */
async function add(email: string, id = newId(clock.now())) {
  const registration = {
    id,
    email,
    username: "Ada",
    passwordHash: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
    locale: "de",
  };
  await services.transaction(contextOf(services), (tx) => tx.accounts.addRegistration(registration, clock.now()));
  return registration;
}
const take = (id: string) => accounts.takeRegistration(id, clock.now());

describe("a registration that waits for its address to be proven", () => {
  test("is taken once, with what was given, though it was added twice and others have its address", async () => {
    const one = await add("Ada@Example.com");
    const [two] = [await add("ada@example.com"), await add("other@example.com", one.id)];
    expect(await take(one.id)).toMatchObject(one);
    expect([await take(one.id), (await take(two.id))?.email]).toEqual([undefined, "ada@example.com"]);
  });

  test("is taken by one of many callers", async () => {
    const { id } = await add("race@example.com");
    const taken = await Promise.all(Array.from({ length: 20 }, () => take(id)));
    expect(taken.filter((each) => each !== undefined)).toHaveLength(1);
  });

  test("ends with the others of its address, in any spelling", async () => {
    const [one, two, other] = [
      await add("ada@bücher.example"),
      await add("ADA@xn--bcher-kva.example"),
      await add("b@example.com"),
    ];
    await services.transaction(contextOf(services), (tx) => tx.accounts.endRegistrations("ada@BÜCHER.example"));
    expect([await take(one.id), await take(two.id)]).toEqual([undefined, undefined]);
    expect(await take(other.id)).toBeDefined();
  });

  test("learns with one read whether it waits, and who is to be told that it has come", async () => {
    const id = newId(clock.now());
    const owner = { id, email: "told@bücher.example", username: "Ada", passwordHash: null, locale: "de" };
    await accounts.create({ ...owner, isEmailVerified: true }, clock.now());
    const arrive = async (email: string, registrationId = newId(clock.now())) => {
      await add(email, registrationId);
      const arriving = { id: registrationId, email, noticeId: newId(clock.now()) };
      const work = (tx: Transaction) => tx.accounts.noteArrival(arriving, clock.now());
      const { attempt, isKept } = await services.transaction(contextOf(services), work);
      return [isKept, attempt?.holder.accountId, attempt?.isDue];
    };
    expect(await arrive("Told@xn--bcher-kva.example")).toEqual([true, id, true]);
    expect(await arrive("free@bücher.example")).toEqual([true, undefined, undefined]);
    for (let count = 1; count < 20; count += 1) await add("told@bücher.example");
    expect(await arrive("told@bücher.example")).toEqual([false, id, false]);
    clock.advance(3600);
    expect(await arrive("told@bücher.example")).toEqual([false, id, true]);
  });

  test("is kept as one of 20 of its address, in any spelling; one more is not, until one of them is over", async () => {
    const kept = [await add("many@bücher.example")];
    for (let count = 1; count < 20; count += 1) kept.push(await add("many@xn--bcher-kva.example"));
    const [late, other] = [await add("MANY@bücher.example"), await add("few@bücher.example")];
    expect([await take(late.id), (await take(other.id))?.id]).toEqual([undefined, other.id]);
    expect((await take(kept[19]?.id ?? ""))?.id).toBe(kept[19]?.id);
    const next = await add("many@bücher.example");
    clock.advance(7 * day);
    const later = await add("many@bücher.example");
    expect([await take(next.id), (await take(later.id))?.id]).toEqual([undefined, later.id]);
    await accounts.purgeRegistrations(1000, clock.now());
  });

  test("is kept for 7 days, then refused, then removed", async () => {
    const [early, late] = [await add("early@example.com"), await add("late@example.com")];
    clock.advance(7 * day - 1);
    expect(await take(late.id)).toBeDefined();
    clock.advance(1);
    expect(await take(early.id)).toBeUndefined();
    expect([
      await accounts.purgeRegistrations(1, clock.now()),
      await accounts.purgeRegistrations(9, clock.now()),
    ]).toEqual([1, 0]);
  });
});
