// What the audit log has of people who are gone.
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../../shared/audit/audit.ts";
import { eraseDueAccounts } from "../../../shared/flows/maintenance/erase-accounts.ts";
import { withinInvocation } from "../../../shared/platform/log.ts";
import { faultsOf, readRecords } from "../../support/audit-chains.ts";
import { claimsOf } from "../../support/clients.ts";
import { contextOf } from "../../support/context.ts";
import { newDevice, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { tracesOf } from "../../support/traces.ts";

const { api, clock, services } = await startService();
const days = (count: number) => clock.advance(count * 86_400);
const erase = () => eraseDueAccounts(contextOf(services));
const records = () => readRecords(services.database.queries);
const remove = ({ accessToken: bearer, cookie }: Device) => api.send("DELETE", "/auth/me", { bearer, cookie });

describe("19.7 events about nobody", () => {
  const invocation = { requestId: "r", functionName: "f", write: () => {} };
  const call = (address: string) => ({ now: clock.now(), source: { address, userAgent: "canary-nobody" } });
  const record = (address: string, ...events: readonly AuditEvent[]) =>
    withinInvocation(invocation, () => services.audit.record(call(address), ...events));

  test("say for thirty days where they came from and which address was typed, and verify without it", async () => {
    const email = "ada@canary-nobody.example";
    const { sub: accountId } = claimsOf((await newDevice(api)).accessToken);
    await record("198.51.100.9", { type: "registration.requested", email }, { type: "sign_in.failed", email });
    await record("198.51.100.8", { type: "sign_in.failed", accountId }, { type: "key.removed" });
    days(30);
    expect(await erase()).toMatchObject({ isComplete: true });
    const both = ["audit_events.personal: 198.51.100.8", "audit_events.personal: 198.51.100.9"];
    expect(await tracesOf(services, ["198.51.100.8", "198.51.100.9"])).toEqual(both);
    clock.advance(1);
    const none = { rowsAtOnce: 1, milliseconds: -1 };
    expect(await eraseDueAccounts(contextOf(services), none), "one row, then the time is up").toMatchObject({
      isComplete: false,
    });
    expect(await tracesOf(services, ["198.51.100.9"])).toHaveLength(1);
    expect(await erase()).toMatchObject({ isComplete: true });
    expect(await tracesOf(services, ["198.51.100.9", "canary-nobody.example"])).toEqual([]);
    const known = (await records()).filter(({ personal }) => personal?.includes("198.51.100.8"));
    expect(known.map(({ type }) => type)).toEqual(["sign_in.failed", "key.removed"]);
    expect(faultsOf(await records())).toEqual([]);
  });
});

describe("19 the audit log of an erased account", () => {
  /** Records events without a thousand lines on the terminal. */
  const record = (...events: readonly AuditEvent[]) =>
    withinInvocation({ requestId: "r", functionName: "f", write: () => {} }, () =>
      services.audit.record({ now: clock.now(), source }, ...events),
    );
  const source = { address: "198.51.100.77", userAgent: "canary-agent" };

  /** A person with this many more events, over some days, who has also acted on the other's account. */
  async function personWithEvents(count: number, otherId: string): Promise<{ device: Device; auditId: string }> {
    const device = await newDevice(api);
    const { sub: accountId, sid: sessionId } = claimsOf(device.accessToken);
    for (let made = 0; made < count; made += 250, days(1)) {
      const reasons = Array.from({ length: Math.min(250, count - made) }, (_, place) => `${made + place}`);
      const events = reasons.map((reason) => ({ type: "password.changed", accountId, sessionId, reason }) as const);
      await record(...events);
    }
    const actor = { kind: "administrator", id: accountId } as const;
    await record({ type: "password.changed", accountId: otherId, actor });
    return { device, auditId: (await services.subjects.auditIdOf(services.database.queries, accountId)) ?? "" };
  }

  test("has a thousand events: the chains verify, no row names the person, and what became of them is told", async () => {
    const other = await newDevice(api);
    const { device, auditId } = await personWithEvents(1000, claimsOf(other.accessToken).sub);
    const { sub, sid } = claimsOf(device.accessToken);
    const names = [device.email, sub, sid, source.address, source.userAgent];
    expect(await tracesOf(services, names), "this test can fail").toContain(`audit_events.personal: ${source.address}`);
    const before = (await records()).filter(({ subject }) => subject === auditId);
    expect(before.length).toBeGreaterThan(1000);
    expect(before.every(({ personal, salt }) => personal !== null && salt !== null)).toBe(true);
    const fresh = await signIn(api, device.email);
    expect((await remove(fresh)).status).toBe(200);
    days(30);
    expect(await eraseDueAccounts(contextOf(services), { rowsAtOnce: 300, milliseconds: 60_000 })).toMatchObject({
      erased: 1,
    });
    expect(await tracesOf(services, names)).toEqual([]);
    const after = await records();
    expect(faultsOf(after)).toEqual([]);
    const own = after.filter(({ subject }) => subject === auditId);
    expect(own.length).toBeGreaterThan(before.length);
    expect(own.filter(({ type }) => type === "account.erased")).toHaveLength(1);
    const left = own.filter(({ personal, type }) => personal !== null && type !== "account.erased");
    expect(left).toEqual([]);
    const acts = after.filter(({ actor }) => actor === "administrator");
    expect(acts).toMatchObject([{ actorId: auditId, personal: null, salt: null }]);
    expect((await api.get("/auth/me/activity", { bearer: (await signIn(api, other.email)).accessToken })).status).toBe(
      200,
    );
  });

  test("loses the night after what a call that was under way has written meanwhile", async () => {
    const { device, auditId } = await personWithEvents(1, claimsOf((await newDevice(api)).accessToken).sub);
    const fresh = await signIn(api, device.email);
    expect((await remove(fresh)).status).toBe(200);
    days(30);
    expect(await erase()).toMatchObject({ erased: 1 });
    await record({ type: "session.reuse_detected", auditId });
    expect(await tracesOf(services, [source.address])).toEqual([`audit_events.personal: ${source.address}`]);
    days(1);
    expect(await erase()).toMatchObject({ erased: 0, isComplete: true });
    expect(await tracesOf(services, [source.address])).toEqual([]);
    expect(faultsOf(await records())).toEqual([]);
  });

  test("19.6 keeps what is personal while the account is there, whatever row says that it was erased", async () => {
    const device = await newDevice(api);
    const auditId = await services.subjects.auditIdOf(services.database.queries, claimsOf(device.accessToken).sub);
    await record({ type: "password.changed", auditId }, { type: "account.erased", auditId });
    const lines: string[] = [];
    const invocation = { requestId: "r", functionName: "f", write: (_: string, line: string) => void lines.push(line) };
    expect(await withinInvocation(invocation, erase)).toMatchObject({ erased: 0, isComplete: true });
    const own = (await records()).filter(({ subject }) => subject === auditId);
    expect(own.length).toBeGreaterThan(2);
    expect(own.filter(({ personal, salt }) => personal === null || salt === null)).toEqual([]);
    expect(lines.join()).toContain('"event":"audit.erasure_untrue"');
    expect(lines.join()).not.toContain(auditId);
  });

  test("19.23 is looked for after all else, within a time of its own", async () => {
    await remove(await newDevice(api));
    days(30);
    await record({ type: "account.erased", auditId: randomUUID() });
    let isLate = false;
    const watched = {
      ...services,
      activity: {
        ...services.activity,
        erasedSince: async (since: Date) => {
          isLate = true;
          return services.activity.erasedSince(since);
        },
      },
      accounts: {
        ...services.accounts,
        dueForErasure: async (limit: number, now: Date) => {
          expect(isLate).toBe(false);
          return services.accounts.dueForErasure(limit, now);
        },
      },
    };
    expect(await eraseDueAccounts(contextOf(watched), { rowsAtOnce: 1000, milliseconds: -1 })).toMatchObject({
      isComplete: false,
    });
    expect(isLate).toBe(true);
    expect(await erase()).toEqual({ erased: 1, failed: 0, isComplete: true });
  });

  test("names nobody in what is written by the account's id once it is gone", async () => {
    const device = await newDevice(api);
    const { sub: accountId } = claimsOf(device.accessToken);
    await remove(device);
    days(30);
    expect(await erase()).toMatchObject({ erased: 1 });
    const known = new Set((await records()).map(({ id }) => id));
    await record({ type: "sign_in.failed", accountId });
    const added = (await records()).filter(({ id }) => !known.has(id));
    expect(added).toMatchObject([{ type: "sign_in.failed", subject: null, actorId: null, personal: "{}" }]);
  });
});
