import { beforeEach, describe, expect, test } from "vitest";
import type { OutgoingMail } from "../../../../shared/mail/message.ts";
import type { Tables } from "../../../../shared/mail/tables.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";
import { newId } from "../../../../shared/platform/crypto/random.ts";
import { contextOf } from "../../../support/context.ts";
import { createTestServices } from "../../../support/service.ts";

const { services, clock } = await createTestServices();
const { outbox } = services;
const db = services.database.queries.withTables<Tables>();

/** Posts a mail. @returns its id */
async function posted(to: string | null = "ada@example.com"): Promise<string> {
  const data = { username: "Ada", token: "a-token" };
  const id = newId(clock.now());
  const mail: OutgoingMail = { id, template: "reset_password", to, accountId: null, locale: "en", data };
  await services.transaction(contextOf(services), (tx) => tx.mail.post(mail, clock.now()));
  return id;
}

const claimOf = (id: string) => ({ id, claimId: newId(clock.now()) });
const take = (claim: { id: string; claimId: string }) => outbox.claim(claim, clock.now(), addSeconds(clock.now(), 120));
const rowOf = (id: string) => db.selectFrom("mail_outbox").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

beforeEach(async () => {
  clock.advance(86_400);
  await services.mailbox.clear();
});

describe("a claim", () => {
  test("is given to one of fifty workers, and counts one attempt", async () => {
    const id = await posted();
    const rows = await Promise.all(Array.from({ length: 50 }, () => take(claimOf(id))));
    expect(rows.filter((row) => row !== undefined)).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ attempts: 1, status: "waiting" });
  });

  test("whose answer was lost is given again to its worker, and counts once", async () => {
    const id = await posted();
    const claim = claimOf(id);
    await take(claim);
    expect(await take(claim)).toMatchObject({ id, attempts: 1 });
  });

  test("ends with its time, and what its late owner says then changes nothing but that the mail was sent", async () => {
    const id = await posted();
    const [late, next] = [claimOf(id), claimOf(id)];
    await take(late);
    clock.advance(119);
    expect(await take(next)).toBeUndefined();
    clock.advance(1);
    expect(await take(next)).toMatchObject({ attempts: 2 });
    await outbox.retry(late, { dueAt: addSeconds(clock.now(), 60), failure: "late" });
    await outbox.end(late, { status: "dead", failure: "late" });
    await outbox.holdBack(late, { dueAt: addSeconds(clock.now(), 60), slotAt: null });
    expect(await rowOf(id)).toMatchObject({ status: "waiting", failure: null, attempts: 2, claim_id: next.claimId });
    await outbox.markSent(id, { now: clock.now(), keepsData: false });
    expect(await rowOf(id)).toMatchObject({ status: "sent", sealed_data: null, claim_id: null, sent_at: clock.now() });
  });

  test("is not given before the mail is due, nor after its end", async () => {
    const id = await posted();
    const claim = claimOf(id);
    await take(claim);
    await outbox.retry(claim, { dueAt: addSeconds(clock.now(), 60), failure: "451" });
    expect(await take(claimOf(id))).toBeUndefined();
    clock.advance(60);
    const second = claimOf(id);
    expect(await take(second)).toMatchObject({ attempts: 2, failure: "451" });
    await outbox.end(second, { status: "dead", failure: "550" });
    expect(await take(claimOf(id))).toBeUndefined();
    expect(await outbox.find(id)).toMatchObject({ status: "dead" });
  });

  test("that the quota ends counts no attempt, however often the mark is repeated", async () => {
    const id = await posted();
    const claim = claimOf(id);
    await take(claim);
    const slotAt = addSeconds(clock.now(), 300);
    for (const _ of [1, 2]) await outbox.holdBack(claim, { dueAt: slotAt, slotAt });
    expect(await rowOf(id)).toMatchObject({ attempts: 0, due_at: slotAt, slot_at: slotAt, claim_id: null });
  });
});

describe("the data of a mail", () => {
  test("stays with a dead one, and goes with a sent one", async () => {
    const [dead, sent] = [claimOf(await posted()), await posted()];
    await take(dead);
    await outbox.end(dead, { status: "dead", failure: "550" });
    await outbox.markSent(sent, { now: clock.now(), keepsData: false });
    expect(outbox.open(await rowOf(dead.id))).toEqual({ username: "Ada", token: "a-token" });
    const row = await rowOf(sent);
    expect(() => outbox.open(row)).toThrow("removed");
  });

  test("stays with a sent one where there is no other place to read it", async () => {
    const id = await posted();
    await outbox.markSent(id, { now: clock.now(), keepsData: true });
    expect(outbox.open(await rowOf(id))).toMatchObject({ token: "a-token" });
  });
});

test("a mail to nobody is removed by the worker that has it, and by no other", async () => {
  const id = await posted(null);
  const [late, owner] = [claimOf(id), claimOf(id)];
  await take(owner);
  await outbox.remove(late);
  expect(await outbox.find(id)).toMatchObject({ status: "waiting" });
  for (const _ of [1, 2]) await outbox.remove(owner);
  expect(await outbox.find(id)).toBeUndefined();
});

describe("mails that should have been sent", () => {
  const overdue = (limit: number) =>
    outbox.takeOverdue({ dueBy: addSeconds(clock.now(), -120), now: clock.now(), limit });

  test("are taken once, the oldest first, and only so many; not those that a worker is sending", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      ids.push(await posted());
      clock.advance(1);
    }
    const [first = "", second = "", third = "", fourth = ""] = ids;
    expect(await overdue(10), "not yet").not.toContain(first);
    clock.advance(120);
    await take(claimOf(second));
    expect((await overdue(2)).toSorted()).toEqual([first, third].toSorted());
    expect(await overdue(10)).toEqual([fourth]);
    expect(await overdue(10)).toEqual([]);
    clock.advance(121);
    expect((await overdue(10)).toSorted()).toEqual(ids.toSorted());
  });

  test("are removed in the end, in batches; not while they wait, however long", async () => {
    const waiting = await posted();
    const sent = [await posted(), await posted(), await posted()];
    for (const id of sent) await outbox.markSent(id, { now: clock.now(), keepsData: false });
    expect(await outbox.purge(2, addSeconds(clock.now(), -1))).toBe(0);
    expect([await outbox.purge(2, clock.now()), await outbox.purge(2, clock.now())]).toEqual([2, 1]);
    expect(await outbox.find(waiting)).toMatchObject({ status: "waiting" });
  });
});

describe("a stopped address", () => {
  test("is stopped once, and until it is allowed again", async () => {
    const { suppressions } = services;
    const stop = () => suppressions.add("ada@example.com", { reason: "Bounced", now: clock.now() });
    expect(await suppressions.has("ada@example.com")).toBe(false);
    expect([await stop(), await stop()]).toEqual([true, false]);
    expect(await suppressions.has("ada@example.com")).toBe(true);
    expect(await suppressions.has("äda@example.com")).toBe(false);
    await suppressions.remove("ada@example.com");
    expect(await suppressions.has("ada@example.com")).toBe(false);
  });
});
