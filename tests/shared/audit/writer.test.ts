import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../../shared/audit/audit.ts";
import { canonicalJson } from "../../../shared/audit/chain/record.ts";
import { signInWithPassword } from "../../../shared/flows/sign-in/password-sign-in.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { DatabaseUnavailable } from "../../../shared/platform/database/errors.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { createLog, source } from "../../support/audit-log.ts";
import { contextOf } from "../../support/context.ts";
import { password } from "../../support/people.ts";
import { createTestServices } from "../../support/service.ts";

describe("19.1 a record", () => {
  test("says who, what, when and why; the caller's is apart, and can be erased", async () => {
    const log = await createLog();
    const { accountId, auditId, clock } = log;
    const sessionId = newId(clock.now());
    const why = { sessionId, provider: "google", email: "ada@example.com", reason: "because" };
    await log.record({ type: "sign_in.succeeded", accountId, ...why });
    const personal = canonicalJson({
      address: "192.0.2.7",
      user_agent: source.userAgent,
      request_id: "request-1",
      session: sessionId,
      email: "a…@example.com",
    });
    const [record] = await log.records();
    expect(record).toMatchObject({
      seq: 1,
      type: "sign_in.succeeded",
      outcome: "success",
      time: clock.now().toISOString(),
      actor: "person",
      actorId: auditId,
      subject: auditId,
      reason: "because",
      details: '{"provider":"google"}',
      personal,
    });
    const { salt, personal: _, ...lasting } = record ?? {};
    for (const hint of [accountId, sessionId, "192.0.2.7", "example.com", "browser"])
      expect(JSON.stringify(lasting)).not.toContain(hint);
    expect(salt).toHaveLength(16);
  });

  test("of a registration has the account's id in its personal part, and no other record has it", async () => {
    const log = await createLog();
    const { accountId, auditId: subject } = log;
    await log.record({ type: "account.registered", accountId }, { type: "sign_in.succeeded", accountId });
    const [registered, other] = await log.records();
    expect(registered?.subject).toBe(subject);
    expect(JSON.parse(registered?.personal ?? "")).toMatchObject({ account: accountId, address: "192.0.2.7" });
    expect(other?.personal).not.toContain(accountId);
  });

  test.each<readonly [string, Partial<AuditEvent>, string, string | null]>([
    ["a client", { type: "client.token_issued", clientId: "c-1", tokenId: "t" }, "client", "c-1"],
    ["anyone", { type: "sign_in.failed", email: "nobody@example.com" }, "anonymous", null],
    ["an operator", { actor: { kind: "administrator" } }, "administrator", null],
    ["the service", { type: "sign_in.stuffing_detected" }, "system", null],
  ])("names who acted: %s", async (_who, about, actor, actorId) => {
    const log = await createLog();
    await log.record({ type: "account.exported", ...about });
    expect(await log.records()).toMatchObject([{ actor, actorId, subject: null }]);
  });

  test("names an account that acted on another by its audit id", async () => {
    const log = await createLog();
    const { accountId: id, auditId } = log;
    await log.record({
      type: "account.exported",
      auditId: "5f0c1f0e-9a57-4d7b-8f6a-2f5f3b1f7a10",
      actor: { kind: "administrator", id },
    });
    expect(await log.records()).toMatchObject([{ subject: "5f0c1f0e-9a57-4d7b-8f6a-2f5f3b1f7a10", actorId: auditId }]);
  });

  test("of an account that is gone names nobody, and keeps nothing of its caller", async () => {
    const log = await createLog();
    await log.record({ type: "sign_in.failed", accountId: newId(log.clock.now()), email: "ada@example.com" });
    expect(await log.records()).toMatchObject([{ subject: null, personal: "{}" }]);
  });

  test("has no place for more than its columns take, whatever a caller sends", async () => {
    const log = await createLog();
    const long = `${"\u0000😂".repeat(2000)}\ud800`;
    const event: AuditEvent = { type: "sign_in.failed", email: `${long}@${long}`, reason: long, clientId: long };
    await log.services.audit.record({ now: log.clock.now(), source: { address: long, userAgent: long } }, event);
    const [record] = await log.records();
    const { personal, details, reason } = record ?? {};
    expect([personal?.length, details?.length, reason?.length].every((length) => (length ?? 9999) <= 2000)).toBe(true);
    expect([(details?.length ?? 0) <= 1000, (reason?.length ?? 0) <= 200]).toEqual([true, true]);
    expect([personal, details, reason].every((text) => text?.isWellFormed())).toBe(true);
  });

  test("stands for events of one kind that happen together, with their number", async () => {
    const log = await createLog();
    const { accountId } = log;
    const ended = Array.from(
      { length: 50 },
      (_, place) => ({ type: "session.ended", accountId, sessionId: `${place}` }) as const,
    );
    await log.services.transaction(log.context(), (tx) =>
      tx.audit.append(...ended, { type: "password.changed", accountId }),
    );
    const records = await log.records();
    expect(records.map(({ type, seq, details }) => [seq, type, details])).toEqual([
      [1, "session.ended", '{"count":50}'],
      [2, "password.changed", null],
    ]);
    expect(records[0]?.personal).not.toContain("session");
  });
});

describe("19.1 what is left out", () => {
  test("is told by the first event after its hour: how often, of which type, by nobody", async () => {
    const log = await createLog();
    const { accountId, clock } = log;
    for (let count = 0; count < 13; count += 1) await log.record({ type: "sign_in.failed", accountId });
    expect(await log.records()).toHaveLength(10);
    clock.advance(3600);
    await log.record({ type: "sign_in.succeeded", accountId });
    await log.record({ type: "sign_in.succeeded", accountId });
    const told = (await log.records()).filter(({ type }) => type === "audit.left_out");
    expect(told).toMatchObject([
      { actor: "system", subject: null, personal: "{}", details: '{"about":"sign_in.failed","count":3}' },
    ]);
    const lines = log.lines().filter(({ type }) => type === "audit.left_out");
    expect(lines).toMatchObject([{ about: "sign_in.failed", count: 3 }]);
  });

  test("has its line in the log all the same", async () => {
    const log = await createLog();
    for (let count = 0; count < 12; count += 1) await log.record({ type: "sign_in.failed", accountId: log.accountId });
    expect(log.lines().filter(({ event }) => event === "audit")).toHaveLength(12);
  });

  test("is told later, if the transaction that would have told it is undone", async () => {
    const log = await createLog();
    const { accountId, clock } = log;
    for (let count = 0; count < 11; count += 1) await log.record({ type: "sign_in.failed", accountId });
    clock.advance(3600);
    const undone = log.services.transaction(log.context(), async (tx) => {
      await tx.audit.append({ type: "password.changed", accountId });
      throw new Error("no");
    });
    await expect(undone).rejects.toThrow("no");
    await log.record({ type: "sign_in.succeeded", accountId });
    expect((await log.records()).filter(({ type }) => type === "audit.left_out")).toHaveLength(1);
  });
});

describe("19.15 an event of a transaction that is undone", () => {
  test("does not count: the next one that happens is kept", async () => {
    const log = await createLog();
    const { accountId, services } = log;
    const event = { type: "password.change_refused", accountId } as const;
    const undone = () =>
      services.transaction(log.context(), async (tx) => {
        await tx.audit.append(event);
        throw new Error("no");
      });
    for (let count = 0; count < 10; count += 1) await expect(undone()).rejects.toThrow("no");
    await log.record(event);
    expect((await log.records()).map(({ type }) => type)).toEqual([event.type]);
  });

  test("19.25 of the first run alone loses no count of what was left out", async () => {
    const log = await createLog();
    const { accountId, services, clock } = log;
    for (let count = 0; count < 12; count += 1) await log.record({ type: "sign_in.failed", accountId });
    clock.advance(3600);
    let runs = 0;
    await services.transaction(log.context(), async (tx) => {
      if ((runs += 1) > 1) return;
      await tx.audit.append({ type: "password.changed", accountId });
      throw new DatabaseUnavailable(new Error("no"), { isTransient: true, reason: "a deadlock" });
    });
    expect(runs).toBe(2);
    await log.record({ type: "sign_in.succeeded", accountId });
    const told = (await log.records()).filter(({ type }) => type === "audit.left_out");
    expect(told).toMatchObject([{ details: '{"about":"sign_in.failed","count":2}' }]);
  });
});

test("19.20 the audit id of an account that was made in a transaction goes with it, if that is undone", async () => {
  const { services, context, clock, records } = await createLog();
  const account = { id: newId(clock.now()), email: "grace@example.com", username: "Grace", locale: "en" };
  const make = (then: () => void) =>
    services.transaction(context(), async (tx) => {
      await tx.accounts.create({ ...account, passwordHash: null }, clock.now());
      await tx.audit.append({ type: "account.registered", accountId: account.id });
      then();
    });
  const undo = () => {
    throw new Error("no");
  };
  await expect(make(undo)).rejects.toThrow("no");
  const queries = services.database.queries;
  expect(await services.subjects.auditIdOf(queries, account.id)).toBeUndefined();
  await make(() => undefined);
  const subject = await services.subjects.auditIdOf(queries, account.id);
  expect(await records()).toMatchObject([{ type: "account.registered", subject }]);
});

test("19.2 fifty sign-ins at once on two instances, whose clocks differ, leave chains that fit", async () => {
  const { services, clock, database, email, records } = await createLog();
  const other = await createTestServices({}, database);
  const now = addSeconds(clock.now(), -20);
  // The first key of a database is made beforehand: that is another race.
  await services.tokens.keys.current(now);
  const attempts = Array.from({ length: 50 }, (_, count) => {
    const context = count % 2 === 0 ? contextOf(services) : contextOf(other.services, now);
    return signInWithPassword(context, { email, password });
  });
  await Promise.all(attempts);
  const signIns = (await records()).filter(({ type }) => type === "sign_in.succeeded");
  expect([signIns.length, new Set(signIns.map(({ time }) => time)).size]).toEqual([50, 2]);
});
