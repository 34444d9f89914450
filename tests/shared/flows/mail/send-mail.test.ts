import { beforeEach, describe, expect, test } from "vitest";
import { sendMail } from "../../../../shared/flows/mail/send-mail.ts";
import type { SendOutcome } from "../../../../shared/mail/provider.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";
import { newId } from "../../../../shared/platform/crypto/random.ts";
import type { Tables } from "../../../../shared/mail/tables.ts";
import type { Services } from "../../../../shared/services.ts";
import { contextOf } from "../../../support/context.ts";
import { postMail, postNotice, rowOf, scriptedProvider } from "../../../support/mail-service.ts";
import { createTestServices } from "../../../support/service.ts";

const { services: real, clock } = await createTestServices({ MAIL_PER_MINUTE: "8", MAIL_PER_HOUR: "1000" });

let provider = scriptedProvider();
let followUps: [string, number][] = [];
let services: Services = real;

/** What the queue does with a message. */
const deliver = (id: string, { isRepeated = false, isFollowUp = false } = {}) =>
  sendMail(contextOf(services, clock.now()), { id, isRepeated, isFollowUp, rounds: 0 });
const again: SendOutcome = { kind: "again", why: "The server said 451." };
const posted = (to?: string | null) => postMail(services, to);

beforeEach(() => {
  clock.advance(30 * 86_400);
  provider = scriptedProvider();
  followUps = [];
  const followUp = async ({ id }: { id: string }, seconds: number) => void followUps.push([id, seconds]);
  services = { ...real, mailProvider: provider, mail: { ...real.mail, followUp } };
});

describe("a mail that is due", () => {
  test("is rendered, sent and marked, and what it said is gone", async () => {
    const id = await posted();
    expect(await deliver(id)).toMatchObject({ mail: id, outcome: "sent", attempt: 1 });
    expect(provider.given).toMatchObject([{ id, to: "ada@example.com", locale: "en", date: clock.now() }]);
    expect(provider.given[0]?.text).toContain("a-canary-token");
    expect(await rowOf(services, id)).toMatchObject({ status: "sent", sealed_data: null, sent_at: clock.now() });
  });

  test("is sent once, although the queue delivers it twice, at once or one after the other", async () => {
    const id = await posted();
    const outcomes = await Promise.all([deliver(id), deliver(id), deliver(id)]);
    expect(outcomes.filter(({ outcome }) => outcome === "sent")).toHaveLength(1);
    expect(await deliver(id, { isRepeated: true })).toMatchObject({ outcome: "already sent" });
    expect(provider.given).toHaveLength(1);
  });

  test("that no transaction has posted is nothing to do", async () => {
    expect(await deliver(newId(clock.now()))).toMatchObject({ outcome: "unknown" });
    expect(followUps).toEqual([]);
  });
});

describe("a mail that is not taken", () => {
  test("is tried again after 1, 5 and 15 minutes, then hourly, until a day after it was posted; then it is dead", async () => {
    provider.answer = again;
    const id = await posted();
    const start = clock.now();
    const pauses: number[] = [];
    for (;;) {
      followUps = [];
      const { outcome } = await deliver(id, { isFollowUp: true });
      if (outcome === "dead") break;
      const seconds = followUps[0]?.[1] ?? Number.NaN;
      pauses.push(seconds / 60);
      expect(await rowOf(services, id)).toMatchObject({ due_at: addSeconds(clock.now(), seconds), failure: again.why });
      clock.advance(seconds);
    }
    expect(pauses.slice(0, 5)).toEqual([1, 5, 15, 60, 60]);
    const hours = (clock.now().getTime() - start.getTime()) / 3_600_000;
    expect([hours > 23, hours <= 24]).toEqual([true, true]);
    expect(pauses).toHaveLength(26);
    const row = await rowOf(services, id);
    expect(row).toMatchObject({ status: "dead", attempts: 27, failure: again.why });
    expect(services.outbox.open(row), "to be sent after all").toMatchObject({ token: "a-canary-token" });
  });

  test("for good is dead at once", async () => {
    provider.answer = { kind: "refused", why: "The server said 550." };
    const id = await posted();
    expect(await deliver(id)).toMatchObject({ outcome: "dead", why: "The server said 550." });
    expect(await rowOf(services, id)).toMatchObject({ status: "dead", attempts: 1 });
    expect(followUps).toEqual([]);
  });

  test("keeps its message until it is due: a follow-up and a repeated one come again, another is dropped", async () => {
    provider.answer = again;
    const id = await posted();
    await deliver(id);
    clock.advance(20);
    followUps = [];
    expect(await deliver(id)).toMatchObject({ outcome: "not due" });
    expect(followUps).toEqual([]);
    await deliver(id, { isFollowUp: true });
    await deliver(id, { isRepeated: true });
    expect(followUps).toEqual([
      [id, 40],
      [id, 40],
    ]);
  });

  test("although its data cannot be opened, is tried again: another worker may have the key", async () => {
    const id = await posted();
    const seal = { ...services, outbox: { ...services.outbox, open: () => JSON.parse("{") as unknown } };
    const told = await sendMail(contextOf(seal), { id, isRepeated: false, isFollowUp: false, rounds: 0 });
    expect(told).toMatchObject({ outcome: "to be tried again" });
    expect(await deliver(id)).toMatchObject({ outcome: "not due" });
    clock.advance(60);
    expect(await deliver(id)).toMatchObject({ outcome: "sent", attempt: 2 });
  });
});

describe("a worker that dies", () => {
  test("before it has sent the mail: its message comes again, and waits until its claim has ended", async () => {
    const id = await posted();
    const claim = { id, claimId: newId(clock.now()) };
    await services.outbox.claim(claim, clock.now(), addSeconds(clock.now(), 120));
    expect(await deliver(id, { isRepeated: true })).toMatchObject({ outcome: "claimed by another" });
    expect(followUps).toEqual([[id, 120]]);
    clock.advance(120);
    expect(await deliver(id, { isFollowUp: true })).toMatchObject({ outcome: "sent", attempt: 2 });
  });

  test("lives, but lost its database after sending: it sends nothing twice, and only marks", async () => {
    const id = await posted();
    let isAway = true;
    const markSent: typeof real.outbox.markSent = (...marked) =>
      isAway ? Promise.reject(new Error("the database is away")) : real.outbox.markSent(...marked);
    services = { ...services, outbox: { ...services.outbox, markSent } };
    await expect(deliver(id)).rejects.toThrow("away");
    isAway = false;
    expect(await deliver(id, { isRepeated: true })).toMatchObject({ outcome: "sent" });
    expect(provider.given).toHaveLength(1);
    expect(await rowOf(services, id)).toMatchObject({ status: "sent" });
  });
});

describe("the quota", () => {
  test("holds mail back without counting an attempt; each goes at its place, one claim more", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) ids.push(await posted());
    const told: unknown[] = [];
    for (const id of ids) told.push((await deliver(id))["outcome"]);
    const held = "held back by quota";
    expect(told).toEqual(["sent", "sent", "sent", "sent", held, held]);
    expect(followUps.map(([, seconds]) => seconds)).toEqual([15, 30]);
    const [fifth = "", sixth = ""] = ids.slice(4);
    expect(await rowOf(services, fifth)).toMatchObject({ attempts: 0, status: "waiting", failure: null });
    clock.advance(15);
    expect(await deliver(fifth, { isFollowUp: true })).toMatchObject({ outcome: "sent", attempt: 1 });
    expect(await deliver(sixth, { isFollowUp: true })).toMatchObject({ outcome: "not due" });
    clock.advance(15);
    expect(await deliver(sixth, { isFollowUp: true })).toMatchObject({ outcome: "sent", attempt: 1 });
  });

  test("is shared by halves: mails that anybody can ask for do not delay a notice", async () => {
    for (let place = 0; place < 50; place += 1) await services.mailQuota.take(clock.now(), "asked");
    expect(await deliver(await posted())).toMatchObject({ outcome: "held back by quota" });
    expect(await deliver(await postNotice(services))).toMatchObject({ outcome: "sent" });
  });

  test("does not stumble over a mail of a newer release, which is tried again", async () => {
    const id = await posted();
    const db = services.database.queries.withTables<Tables>();
    await db
      .updateTable("mail_outbox")
      .set({ template: "newer" as never })
      .where("id", "=", id)
      .execute();
    expect(await deliver(id)).toMatchObject({ outcome: "to be tried again" });
  });

  test("of the provider itself moves the mail, counts no attempt, and holds back the others", async () => {
    provider.answer = { kind: "held_back", why: "429", retryAfterSeconds: 600 };
    const [one, other] = [await posted(), await posted()];
    expect(await deliver(one)).toMatchObject({ outcome: "held back by quota", due: addSeconds(clock.now(), 600) });
    provider.answer = { kind: "sent" };
    expect(await deliver(other)).toMatchObject({ outcome: "held back by quota" });
    expect(await rowOf(services, one)).toMatchObject({ attempts: 0 });
    expect(provider.given).toHaveLength(1);
    clock.advance(600);
    expect(await deliver(other, { isFollowUp: true })).toMatchObject({ outcome: "sent" });
  });
});

describe("a mail to nobody", () => {
  test("is dropped when it would have been sent, and leaves no row", async () => {
    const id = await posted(null);
    expect(await deliver(id)).toMatchObject({ outcome: "dropped", attempt: 1 });
    expect(await services.outbox.find(id)).toBeUndefined();
    expect([provider.given, provider.rehearsed]).toEqual([[], [id]]);
    expect(await deliver(id, { isRepeated: true })).toMatchObject({ outcome: "unknown" });
  });

  const down = () => (provider.answer = again);
  const full = () => (provider.answer = { kind: "held_back", why: "429", retryAfterSeconds: 600 });
  const busy = async () => {
    for (let place = 0; place < 5; place += 1) await services.mailQuota.take(clock.now(), "asked");
  };

  test.each([
    ["the provider is away", down],
    ["the provider takes no more", full],
    ["the quota is used up", busy],
    ["all is well", () => undefined],
  ])("shows in /health as one to somebody does, now and later, while %s", async (_when, begin) => {
    const seen: unknown[] = [];
    for (const to of ["ada@example.com", null]) {
      clock.advance(3 * 86_400);
      await services.mailbox.clear();
      await begin();
      const figures: unknown[] = [];
      const start = clock.now().getTime();
      const since = (instant?: Date) => instant && instant.getTime() - start;
      const id = await posted(to);
      for (let minute = 0; minute <= 25 * 60; minute += 30) {
        await deliver(id);
        const { oldestDueAt, ...standing } = await services.outbox.standing();
        const heldBackUntil = await services.mailQuota.heldBackUntil(clock.now());
        figures.push({ ...standing, due: since(oldestDueAt), heldBack: since(heldBackUntil) });
        clock.advance(30 * 60);
      }
      seen.push(figures);
    }
    expect(seen[1]).toEqual(seen[0]);
  });

  test("is no exception: one to an address that mail came back from waits as long", async () => {
    await services.suppressions.add("gone@example.com", { reason: "Bounced", now: clock.now() });
    down();
    const id = await posted("gone@example.com");
    expect(await deliver(id)).toMatchObject({ outcome: "to be tried again" });
    expect(provider.given).toEqual([]);
  });
});

test("a stopped address, in any spelling, gets no mail", async () => {
  await services.suppressions.add("eve@xn--bcher-kva.example", { reason: "Bounced", now: clock.now() });
  const id = await posted("Eve@Bücher.example");
  expect(await deliver(id)).toMatchObject({ outcome: "suppressed" });
  expect(await rowOf(services, id)).toMatchObject({ status: "suppressed" });
  expect(provider.given).toEqual([]);
});
