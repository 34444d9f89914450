// What people see of what happened to their account.
import { describe, expect, test } from "vitest";
import type { AuditRecord } from "../../../shared/audit/chain/record.ts";
import { callerOf } from "../../../shared/audit/personal.ts";
import { readRecords } from "../../support/audit-chains.ts";
import { claimsOf } from "../../support/clients.ts";
import { contextOf } from "../../support/context.ts";
import { newDevice, refreshed, registerPerson, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, services, clock } = await startService();

interface Shown {
  readonly id: string;
  readonly type: string;
  readonly outcome: string;
}

async function activityOf(device: Device, query = "") {
  const answer = await api.get(`/auth/me/activity${query}`, { bearer: device.accessToken });
  expect(answer.status).toBe(200);
  return answer.json.data as { events: Shown[]; next: string | null };
}

const typesOf = async (device: Device) => (await activityOf(device)).events.map(({ type }) => type);
const wrongly = (email: string) => api.post("/auth/login", { body: { email, password: "not my pass phrase" } });
const records = () => readRecords(services.database.queries);
const auditIdOf = ({ accessToken }: Device) =>
  services.subjects.auditIdOf(services.database.queries, claimsOf(accessToken).sub);

describe("GET /auth/me/activity", () => {
  test("shows a person their own events, newest first, with address and device", async () => {
    const email = await registerPerson(api);
    clock.advance(1);
    const headers = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };
    await api.post("/auth/login", { body: { email, password: "not my pass phrase" }, headers });
    clock.advance(1);
    const device = await signIn(api, email);
    await newDevice(api);
    const { events, next } = await activityOf(device);
    const shown = (type: string, outcome: string) => ({
      id: expect.any(String),
      type,
      outcome,
      address: "127.0.0.1",
      device: null,
      created_at: expect.stringMatching(/Z$/),
    });
    expect(events).toEqual([
      { ...shown("sign_in.succeeded", "success"), created_at: clock.now().toISOString() },
      { ...shown("sign_in.failed", "failure"), device: "Firefox on Linux" },
      shown("account.registered", "success"),
    ]);
    expect(next).toBeNull();
  });

  test("takes a page at a time, each event once, also where many have one instant", async () => {
    const email = await registerPerson(api);
    const device = await signIn(api, email);
    for (let count = 0; count < 5; count += 1) await signIn(api, email);
    const all = (await activityOf(device)).events;
    expect(all).toHaveLength(7);
    const read: Shown[][] = [];
    for (let after: string | null = ""; after !== null;) {
      const page = await activityOf(device, `?limit=3${after && `&after=${after}`}`);
      read.push(page.events);
      after = page.next;
    }
    expect(read.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(read.flat()).toEqual(all);
    expect(all.at(-1)?.type).toBe("account.registered");
  });

  test("a page is as long as what is left, and `next` is null just then", async () => {
    const device = await newDevice(api);
    expect((await activityOf(device, "?limit=2")).next).toBeNull();
    const { next } = await activityOf(device, "?limit=1");
    expect(await activityOf(device, `?limit=1&after=${next}`)).toMatchObject({ events: [{}], next: null });
  });

  test.each([
    ["after=garbled", "after"],
    ["after=", "after"],
    ["after=00000000-0000-8000-8000-000000000000", "after"],
    ["after=a&after=b", "after"],
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=1e1", "limit"],
    ["limit=", "limit"],
    ["limit=1&limit=2", "limit"],
    ["page=2", "page"],
  ])("refuses ?%s with 422", async (query, field) => {
    const { accessToken } = await newDevice(api);
    const answer = await api.get(`/auth/me/activity?${query}`, { bearer: accessToken });
    expect([answer.status, answer.json.details.fields?.[0]?.field]).toEqual([422, field]);
  });

  test("refuses an event of somebody else as `after`", async () => {
    const [one, other] = [await newDevice(api), await newDevice(api)];
    const [event] = (await activityOf(one)).events;
    const path = `/auth/me/activity?after=${event?.id}`;
    expect((await api.get(path, { bearer: other.accessToken })).status).toBe(422);
    expect((await api.get(path, { bearer: one.accessToken })).status).toBe(200);
  });

  test("needs a session", async () => {
    expect((await api.get("/auth/me/activity")).status).toBe(401);
  });
});

describe("what is shown", () => {
  test("a logout, of one session or of all as one event; a refresh is not", async () => {
    const first = await newDevice(api);
    const [second, third] = [await signIn(api, first.email), await signIn(api, first.email)];
    await refreshed(api, third);
    expect((await api.post("/auth/logout", { bearer: second.accessToken })).status).toBe(200);
    expect((await api.post("/auth/logout", { bearer: second.accessToken })).status).toBe(200);
    clock.advance(1);
    await api.post("/auth/logout", { bearer: first.accessToken, body: { scope: "others" } });
    const subject = await auditIdOf(first);
    const ended = (await records()).filter((record) => record.type === "session.ended" && record.subject === subject);
    const shown = (record: AuditRecord) => [record.reason, callerOf(record.personal).session_id];
    expect(ended.toSorted((one, other) => (one.time < other.time ? -1 : 1)).map(shown)).toEqual([
      ["logout local", claimsOf(second.accessToken).sid],
      ["logout others", null],
    ]);
    const types = await typesOf(first);
    expect(types.filter((type) => type === "session.ended")).toHaveLength(2);
    expect(types).not.toContain("session.refreshed");
  });

  test("a reuse, as a failure", async () => {
    const device = await newDevice(api);
    await refreshed(api, device);
    clock.advance(11);
    expect((await api.post("/auth/refresh", { cookie: device.cookie })).status).toBe(401);
    clock.advance(1);
    expect((await activityOf(await signIn(api, device.email))).events[1]).toMatchObject({
      type: "session.reuse_detected",
      outcome: "failure",
    });
  });

  test("not what a stranger does at the address: the registration that was refused is in the log alone", async () => {
    const device = await newDevice(api);
    const { sub: accountId } = claimsOf(device.accessToken);
    await services.audit.record(contextOf(services), { type: "registration.refused", accountId });
    const subject = await auditIdOf(device);
    const kept = (await records()).filter((record) => record.subject === subject).map(({ type }) => type);
    expect(kept).toContain("registration.refused");
    expect(await typesOf(device)).not.toContain("registration.refused");
  });

  test("to nobody what is about nobody: a failure at an address without an account, which the log has with its source", async () => {
    const device = await newDevice(api);
    await wrongly("nobody-at-all@example.com");
    const failure = (await records()).find(
      ({ type, personal }) => type === "sign_in.failed" && personal?.includes("n…@example.com"),
    );
    expect(failure).toMatchObject({ subject: null, actorId: null });
    expect(callerOf(failure?.personal ?? null).address).toBe("127.0.0.1");
    expect(await typesOf(device)).toEqual(["sign_in.succeeded", "account.registered"]);
  });

  test("an event whose caller is erased, without where it came from", async () => {
    const device = await newDevice(api);
    const auditId = (await auditIdOf(device)) ?? "";
    expect([await services.activity.erase(auditId, 1), await services.activity.erase(auditId, 10)]).toEqual([1, 1]);
    expect((await activityOf(device)).events).toMatchObject([
      { type: "sign_in.succeeded", address: null, device: null },
      { type: "account.registered", address: null, device: null },
    ]);
  });

  test("events of one instant in several chains, each once", async () => {
    const device = await newDevice(api);
    const { sub: accountId } = claimsOf(device.accessToken);
    const reason = "at once";
    await Promise.all(
      Array.from({ length: 6 }, () =>
        services.audit.record(contextOf(services), { type: "sign_in.failed", accountId, reason }),
      ),
    );
    const { events, next } = await activityOf(device, "?limit=4");
    const rest = await activityOf(device, `?limit=100&after=${next}`);
    const ids = [...events, ...rest.events].map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([8, 8]);
  });
});
