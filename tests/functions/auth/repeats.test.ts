import { describe, expect, test } from "vitest";
import type { Tables } from "../../../shared/sessions/tables.ts";
import { clientToken, newClient } from "../../support/clients.ts";
import { meStatus, newDevice, password, registerPerson, toDevice, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

// The entry before the peer's is the client: what a proxy would have written.
const service = await startService({ TRUSTED_PROXY_HOPS: "2" });
const { api, clock, services, logLines } = service;

const home = { "X-Forwarded-For": "203.0.113.7", "User-Agent": "Firefox" };
const neighbour = { ...home, "X-Forwarded-For": "203.0.113.200" };
const thief = { "X-Forwarded-For": "198.51.100.9", "User-Agent": "curl" };

const refreshFrom = (headers: Record<string, string>, { cookie }: Device) =>
  api.post("/auth/refresh", { cookie, headers });
const sentFrom = async (headers: Record<string, string>, device: Device) =>
  toDevice(device.email, await refreshFrom(headers, device));

/** What was audited since the log was emptied. */
const audited = () =>
  logLines.map((line) => JSON.parse(line) as Record<string, string>).filter(({ event }) => event === "audit");
const suspicious = () => audited().filter(({ type }) => type === "session.repeat_suspicious");

describe("15.5 a repeat whose successor has been used", () => {
  test.each([1, 2, 50])("is refused, %i at once, and the session lives", async (parallel) => {
    const device = await newDevice(api);
    const next = await sentFrom(home, device);
    const latest = await sentFrom(home, next);
    const answers = await Promise.all(Array.from({ length: parallel }, () => refreshFrom(home, device)));
    for (const { status, json, setCookies } of answers)
      expect([status, json.error_code, setCookies]).toEqual([401, "REFRESH_TOKEN_INVALID", []]);
    expect(await meStatus(api, latest)).toBe(200);
    expect((await refreshFrom(home, latest)).status, "the owner goes on").toBe(200);
  });

  test("that is late is a reuse all the same, and ends the session", async () => {
    const device = await newDevice(api);
    const latest = await sentFrom(home, await sentFrom(home, device));
    clock.advance(10.001);
    expect((await refreshFrom(home, device)).status).toBe(401);
    expect(await meStatus(api, latest)).toBe(401);
  });

  test("a copy cannot be kept alive in step with its owner: one successor at most is given for it", async () => {
    let owner = await newDevice(api);
    const copy = owner;
    owner = await sentFrom(home, owner);
    for (let step = 0; step < 4; step += 1) {
      expect((await refreshFrom(thief, copy)).status).toBe(step === 0 ? 200 : 401);
      clock.advance(2);
      owner = await sentFrom(home, owner);
    }
    expect(await meStatus(api, owner)).toBe(200);
  });

  test("is what all endpoints take it for", async () => {
    const body = async () => {
      const email = await registerPerson(api);
      const answer = await api.post("/auth/login", { body: { email, password, transport: "body" } });
      return answer.json.data.refresh_token as string;
    };
    const next = async (token: string) =>
      (await api.post("/auth/refresh", { body: { refresh_token: token } })).json.data.refresh_token as string;
    const client = await newClient(service, "introspect");
    const active = async (token: string) => {
      const form = { token, token_type_hint: "refresh_token" };
      return (await api.post("/oauth/introspect", { form, headers: client.basic })).json.active as boolean;
    };
    const first = await body();
    const second = await next(first);
    expect([await active(first), await active(second)]).toEqual([true, true]);
    const third = await next(second);
    expect([await active(first), await active(second), await active(third)]).toEqual([false, true, true]);
    const form = { grant_type: "refresh_token", refresh_token: first, client_id: "web" };
    const refused = await api.post("/oauth/token", { form });
    expect([refused.status, refused.json.error]).toEqual([400, "invalid_grant"]);
    expect(await active(third)).toBe(true);
    const out = await api.post("/auth/logout", { body: { refresh_token: first, scope: "global" } });
    expect(out.json.data.scope, "it does not reach beyond its own session").toBe("local");
    expect(await clientToken(api, client)).toBeDefined();
  });
});

describe("15.5 a repeat from elsewhere", () => {
  test("from another network and another user agent is served, audited beside the refresh, and alarms", async () => {
    const device = await newDevice(api);
    const next = await sentFrom(home, device);
    logLines.length = 0;
    const answer = await refreshFrom(thief, device);
    expect([answer.status, answer.cookie]).toEqual([200, next.cookie]);
    expect(audited().map(({ type, level, outcome }) => [type, level, outcome])).toEqual([
      ["session.refreshed", "info", "success"],
      ["session.repeat_suspicious", "warn", "failure"],
    ]);
    expect(suspicious()[0]).toMatchObject({
      account_id: expect.any(String),
      session_id: expect.any(String),
      address: "198.51.100.9",
      user_agent: "curl",
      reason: "another network and user agent",
    });
    expect(await meStatus(api, next)).toBe(200);
  });

  test("that is refused, since the successor has been used, is audited and alarms too", async () => {
    const device = await newDevice(api);
    await sentFrom(home, await sentFrom(home, device));
    logLines.length = 0;
    expect((await refreshFrom(thief, device)).status).toBe(401);
    expect(audited().map(({ type }) => type)).toEqual(["session.refresh_refused", "session.repeat_suspicious"]);
  });

  test.each([
    ["another tab of the same browser", home],
    ["a neighbour of the same /24", neighbour],
    ["a phone that has changed its network", { ...home, "X-Forwarded-For": "2001:db8::1" }],
    ["another browser in the same network", { ...neighbour, "User-Agent": "Chrome" }],
    ["an address that no proxy has named, and another user agent", { "User-Agent": "curl" }],
  ])("%s is no alarm", async (_what, headers) => {
    const device = await newDevice(api);
    await sentFrom(home, device);
    logLines.length = 0;
    expect((await refreshFrom(headers, device)).status).toBe(200);
    expect([audited().length, suspicious()]).toEqual([1, []]);
  });

  test("IPv6 counts by /48", async () => {
    const at = (address: string, agent: string) => ({ "X-Forwarded-For": address, "User-Agent": agent });
    const device = await newDevice(api);
    await sentFrom(at("2001:db8:7:1::1", "Firefox"), device);
    logLines.length = 0;
    await refreshFrom(at("2001:db8:7:ffff::9", "curl"), device);
    expect(suspicious()).toEqual([]);
    await refreshFrom(at("[2001:db8:8:1::1]:4711", "curl"), device);
    expect(suspicious()).toHaveLength(1);
  });

  test("a token that a release without marks has used alarms nobody, and is judged as before", async () => {
    const device = await newDevice(api);
    await sentFrom(home, device);
    const db = services.database.queries.withTables<Tables>();
    await db.updateTable("refresh_tokens").set({ used_from: null }).where("consumed_at", "is not", null).execute();
    logLines.length = 0;
    expect((await refreshFrom(thief, device)).status).toBe(200);
    expect(suspicious()).toEqual([]);
  });

  test("what the database keeps of it names neither address nor agent", async () => {
    const device = await newDevice(api);
    await sentFrom(home, device);
    const db = services.database.queries.withTables<Tables>();
    const rows = await db.selectFrom("refresh_tokens").select("used_from").where("used_from", "is not", null).execute();
    for (const { used_from: marks } of rows) {
      expect(marks).toHaveLength(24);
      expect(marks?.toString("latin1")).not.toMatch(/203\.|Firefox/);
    }
  });
});

describe("15.5 how long a cookie is kept tells whole minutes alone", () => {
  const maxAge = (answer: { setCookies: string[] }) => Number(/max-age=(\d+)/.exec(answer.setCookies[0] ?? "")?.[1]);

  test.each([0, 0.001, 3, 7.5, 9.999])("a repeat %d seconds later is told what the first was", async (seconds) => {
    const device = await newDevice(api);
    const first = await refreshFrom(home, device);
    clock.advance(seconds);
    expect([maxAge(first), maxAge(await refreshFrom(home, device))]).toEqual([604_800, 604_800]);
  });

  test("it never ends before the token, and less than a minute after it", async () => {
    for (const secondsLeft of [1, 59, 60, 61, 3599]) {
      clock.advance(100 * 86_400);
      let device = await newDevice(api);
      for (let day = 0; day < 84; day += 6) {
        clock.advance(6 * 86_400);
        device = await sentFrom(home, device);
      }
      clock.advance(6 * 86_400 - secondsLeft);
      const kept = maxAge(await refreshFrom(home, device));
      expect([kept % 60, kept >= secondsLeft, kept < secondsLeft + 60]).toEqual([0, true, true]);
    }
  });

  test.each([0.001, 17, 59.999])("nor does introspection tell more, made %d seconds into a minute", async (seconds) => {
    const gateway = await newClient(service, "introspect");
    clock.advance(60 - ((clock.now().getTime() / 1000) % 60) + seconds);
    const { refreshToken: token } = await newDevice(api);
    const form = { token, token_type_hint: "refresh_token" };
    const { exp } = (await api.post("/oauth/introspect", { form, headers: gateway.basic })).json as { exp: number };
    const expires = clock.now().getTime() / 1000 + 604_800;
    expect([exp % 60, exp >= expires, exp < expires + 60]).toEqual([0, true, true]);
  });
});

describe("15.5 a repeat from another network and by another user agent that does not refresh", () => {
  test("proves no session, and alarms", async () => {
    const device = await newDevice(api);
    await sentFrom(home, device);
    logLines.length = 0;
    const { accessToken: bearer, cookie } = device;
    const prove = (headers: Record<string, string>) =>
      api.post("/auth/reauthenticate", { bearer, cookie, headers, body: { password } });
    const answer = await prove(thief);
    expect([answer.status, answer.json.error_code]).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    expect(suspicious()).toHaveLength(1);
    expect((await prove(neighbour)).status, "the owner's other tab").toBe(200);
  });

  test("logs out, and alarms", async () => {
    const device = await newDevice(api);
    await sentFrom(home, device);
    logLines.length = 0;
    expect((await api.post("/auth/logout", { cookie: device.cookie, headers: thief })).status).toBe(200);
    expect(suspicious()).toHaveLength(1);
  });
});

test("15.5 a repeat from elsewhere that a login replaces alarms as well", async () => {
  const [victim, stranger] = [await newDevice(api), await newDevice(api)];
  await sentFrom(home, victim);
  logLines.length = 0;
  const body = { email: stranger.email, password };
  expect((await api.post("/auth/login", { body, cookie: victim.cookie, headers: thief })).status).toBe(200);
  expect(audited().map(({ type }) => type)).toEqual([
    "session.repeat_suspicious",
    "session.ended",
    "sign_in.succeeded",
  ]);
});

test("15.9 a token that was used long before is a reuse at a login too", async () => {
  const [victim, stranger] = [await newDevice(api), await newDevice(api)];
  const latest = await sentFrom(home, victim);
  clock.advance(3600);
  logLines.length = 0;
  const body = { email: stranger.email, password };
  expect((await api.post("/auth/login", { body, cookie: victim.cookie })).status).toBe(200);
  expect(audited().map(({ type }) => type)).toEqual(["session.reuse_detected", "sign_in.succeeded"]);
  expect((await refreshFrom(home, latest)).status).toBe(401);
});
