// What people see of what happened to their account.
import { describe, expect, test } from "vitest";
import { purgeExpired } from "../../../shared/flows/maintenance/purge.ts";
import type { AccountEventsTable } from "../../../shared/audit/tables.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { claimsOf } from "../../support/clients.ts";
import { contextOf } from "../../support/context.ts";
import { newDevice, refreshed, registerPerson, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, services, clock } = await startService();
const db = services.database.queries.withTables<{ account_events: AccountEventsTable }>();
const day = 86_400;

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
const rows = () => db.selectFrom("account_events").selectAll().execute();

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

describe("what is kept", () => {
  test("a refresh is not; a logout is, of one session or of all as one event", async () => {
    const first = await newDevice(api);
    const [second, third] = [await signIn(api, first.email), await signIn(api, first.email)];
    await refreshed(api, third);
    expect((await api.post("/auth/logout", { bearer: second.accessToken })).status).toBe(200);
    expect((await api.post("/auth/logout", { bearer: second.accessToken })).status).toBe(200);
    await api.post("/auth/logout", { bearer: first.accessToken, body: { scope: "others" } });
    const ended = (await rows()).filter(
      ({ type, user_id: id }) => type === "session.ended" && id === claimsOf(first.accessToken).sub,
    );
    expect(ended.map(({ reason, session_id: session }) => [reason, session])).toEqual([
      ["logout local", claimsOf(second.accessToken).sid],
      ["logout others", null],
    ]);
  });

  test("a reuse is, as a failure", async () => {
    const device = await newDevice(api);
    await refreshed(api, device);
    clock.advance(11);
    expect((await api.post("/auth/refresh", { cookie: device.cookie })).status).toBe(401);
    expect((await activityOf(await signIn(api, device.email))).events[1]).toMatchObject({
      type: "session.reuse_detected",
      outcome: "failure",
    });
  });

  test("of what anyone can cause, ten an hour; and a row about nobody for each such row about somebody", async () => {
    const device = await newDevice(api);
    const before = (await rows()).length;
    for (let count = 0; count < 12; count += 1) await wrongly(device.email);
    expect((await rows()).length - before).toBe(10);
    for (let count = 0; count < 12; count += 1) await wrongly("Nobody@example.com ".trim());
    const nobodys = (await rows()).filter(({ user_id: id }) => id === null);
    expect((await rows()).length - before).toBe(20);
    expect(nobodys.every((row) => row.address === null && row.user_agent === null)).toBe(true);
    clock.advance(3600);
    await wrongly(device.email);
    await wrongly("nobody@example.com");
    expect((await rows()).length - before).toBe(22);
    expect((await typesOf(await signIn(api, device.email))).filter((type) => type === "sign_in.failed")).toHaveLength(
      11,
    );
  });

  test("of the others, the last thousand of an account", async () => {
    const device = await newDevice(api);
    const accountId = claimsOf(device.accessToken).sub;
    const like = (await rows()).find(({ user_id: id }) => id === accountId) as AccountEventsTable;
    for (let count = 0; count < 1005; count += 1) {
      const id = `00000000-0000-8000-8000-${String(count).padStart(12, "0")}`;
      await db
        .insertInto("account_events")
        .values({ ...like, id, created_at: addSeconds(clock.now(), -1) })
        .execute();
    }
    await signIn(api, device.email);
    const own = (await rows()).filter(({ user_id: id }) => id === accountId);
    expect(own).toHaveLength(1000);
  });

  test("for ACTIVITY_KEEP_DAYS, and for an hour what is about nobody", async () => {
    const device = await newDevice(api);
    await wrongly("nobody at all@example.com".replaceAll(" ", ""));
    const purge = (seconds: number) => purgeExpired(contextOf(services, addSeconds(clock.now(), seconds)));
    await purge(3600);
    const left = await rows();
    expect(left.filter(({ user_id: id }) => id === null)).toEqual([]);
    expect(left.some(({ user_id: id }) => id === claimsOf(device.accessToken).sub)).toBe(true);
    await purge(180 * day - 1);
    expect((await rows()).filter(({ user_id: id }) => id === claimsOf(device.accessToken).sub)).toHaveLength(2);
    expect(await purge(180 * day)).toMatchObject({ events: expect.any(Number), isComplete: true });
    expect(await rows()).toEqual([]);
  });

  test("until the account is erased, in batches", async () => {
    const device = await newDevice(api);
    const accountId = claimsOf(device.accessToken).sub;
    expect([await services.activity.erase(accountId, 1), await services.activity.erase(accountId, 10)]).toEqual([1, 1]);
    expect((await activityOf(device)).events).toEqual([]);
  });
});
