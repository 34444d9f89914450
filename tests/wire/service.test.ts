import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { prepare } from "../../tools/prepare.ts";
import { newDevice, password, registerPerson, signIn, toDevice } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { testSettings } from "../support/settings.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import { canary, lostAnswers, once, settingsFor, starts, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const settings = settingsFor(server.port);
const { api, clock, logLines } = await startService(settings);
const error = (number: number) => ({ error: { number, message: `fault ${number} of ${canary}-server-text` } });

function count(sql: string): number {
  const database = new DatabaseSync(server.file);
  const [row] = database.prepare(`select count(*) as n from ${sql}`).all();
  database.close();
  return Number(row?.["n"]);
}

const isCommit = ({ kind }: TdsRequest) => kind === "commit";

beforeEach(() => {
  server.script = {};
  logLines.length = 0;
});

test("the main path runs on SQL Server: register, log in, who am I, refresh, reuse, log out", async () => {
  const device = await newDevice(api);
  const again = await api.post("/auth/register", { body: { email: device.email, username: "Ada", password } });
  expect([again.status, again.json.error_code]).toEqual([409, "EMAIL_ALREADY_REGISTERED"]);
  const me = await api.get("/auth/me", { bearer: device.accessToken });
  expect(me.json.data.user).toMatchObject({
    email: device.email,
    is_active: true,
    created_at: clock.now().toISOString(),
  });
  const refreshed = toDevice(device.email, await api.post("/auth/refresh", { cookie: device.cookie }));
  clock.advance(11);
  const reuse = await api.post("/auth/refresh", { cookie: device.cookie });
  expect([reuse.status, logLines.some((line) => line.includes("session.reuse_detected"))]).toEqual([401, true]);
  expect((await api.get("/auth/me", { bearer: refreshed.accessToken })).status).toBe(401);
  const other = await signIn(api, device.email);
  expect((await api.post("/auth/logout", { bearer: other.accessToken, body: { scope: "global" } })).status).toBe(200);
  expect((await api.get("/auth/me", { bearer: other.accessToken })).status).toBe(401);
});

describe.each(lostAnswers)("an answer lost %s,", (_when, reply) => {
  test("to a registration, leaves one account and tells the caller so", async () => {
    once(server, starts('insert into "users"'), reply);
    const email = await registerPerson(api);
    expect(count(`users where email = '${email}'`)).toBe(1);
    await signIn(api, email);
  });

  test("to a login's commit, leaves one session, whose tokens work", async () => {
    const email = await registerPerson(api);
    const before = count("sessions");
    once(server, isCommit, reply);
    const device = await signIn(api, email);
    expect([count("sessions") - before, (await api.get("/auth/me", { bearer: device.accessToken })).status]).toEqual([
      1, 200,
    ]);
    expect((await api.post("/auth/refresh", { cookie: device.cookie })).status).toBe(200);
  });

  test("to a refresh's commit, gives the one successor, and no reuse is seen", async () => {
    const device = await newDevice(api);
    once(server, isCommit, reply);
    const next = await api.post("/auth/refresh", { cookie: device.cookie });
    expect(next.status).toBe(200);
    clock.advance(60);
    expect((await api.post("/auth/refresh", { cookie: toDevice(device.email, next).cookie })).status).toBe(200);
    expect(logLines.join()).not.toContain("reuse_detected");
  });

  test("to the commit of a detected reuse, still ends the session and raises the alarm", async () => {
    const device = await newDevice(api);
    const next = toDevice(device.email, await api.post("/auth/refresh", { cookie: device.cookie }));
    clock.advance(11);
    once(server, isCommit, reply);
    expect((await api.post("/auth/refresh", { cookie: device.cookie })).status).toBe(401);
    expect(logLines.filter((line) => line.includes("session.reuse_detected"))).toHaveLength(1);
    expect((await api.get("/auth/me", { bearer: next.accessToken })).status).toBe(401);
  });

  test("to a logout, leaves the session ended", async () => {
    const device = await newDevice(api);
    once(server, starts('update "sessions"'), reply);
    expect((await api.post("/auth/logout", { bearer: device.accessToken })).status).toBe(200);
    expect((await api.get("/auth/me", { bearer: device.accessToken })).status).toBe(401);
  });
});

test("a place in the status list that another session has taken (2601): the next one is tried, in the same transaction", async () => {
  const email = await registerPerson(api);
  once(server, starts('insert into "sessions"'), () => error(2601));
  const before = server.requests.length;
  const device = await signIn(api, email);
  const kinds = server.requests.slice(before).map(({ kind }) => kind);
  expect([kinds.filter((kind) => kind === "begin").length, kinds.includes("rollback")]).toEqual([1, false]);
  expect((await api.get("/auth/me", { bearer: device.accessToken })).status).toBe(200);
});

test("a call has one budget: what its first query has spent, its transaction does not have again", async () => {
  const email = await registerPerson(api);
  const startedAt = performance.now();
  const spent = () => performance.now() - startedAt;
  server.script.request = ({ kind }, run) => (kind === "begin" || spent() < 800 ? error(40501) : run());
  const { status, json } = await api.post("/auth/login", { body: { email, password } });
  expect([status, json.error_code]).toEqual([503, "DATABASE_UNAVAILABLE"]);
  expect(server.requests.at(-1)?.kind).toBe("begin");
  expect(spent()).toBeLessThan(2600);
});

describe("bad input", () => {
  const logins = [
    [
      18456,
      "a wrong password",
      "the login was refused: see DB_USERNAME and DB_PASSWORD, or the identity's permissions",
    ],
    [4060, "a wrong database", "the database cannot be opened: see DB_DATABASE"],
    [40613, "a database that is asleep", "it is asleep or starting, which can take a minute"],
    [40615, "a firewall", "the server's firewall does not admit this address"],
  ] as const;
  const writes = [
    [1105, "a full database", "it is full"],
    [40544, "a database at its quota", "it is full"],
    [3906, "a read-only database", "it is read-only"],
    [208, "a schema that is not there", "its schema does not match this release: npm run migrate -- up"],
    [229, "a login without rights", "the login lacks a permission: see sql/grants.mssql.sql"],
  ] as const;
  const unavailable = { status: 503, code: "DATABASE_UNAVAILABLE", hasRetryAfter: true };

  async function register() {
    const body = { email: `bad${Math.random()}@example.com`, username: "Ada", password };
    const { status, json, headers } = await api.post("/auth/register", { body });
    return { status, code: json.error_code, hasRetryAfter: Number(headers.get("retry-after")) > 0 };
  }

  async function health() {
    // One answer serves all who ask within a second.
    await new Promise((resolve) => setTimeout(resolve, 1050));
    const { status, json } = await api.get("/health");
    expect(JSON.stringify(json)).not.toContain(canary);
    return [status, json.details?.checks.database.reason];
  }

  test.each(logins)(
    "%i, %s: 503 to callers, one line in /health and at the start, and recovery",
    async (number, _what, reason) => {
      server.script.login = () => error(number);
      server.dropAll();
      expect(await register()).toEqual(unavailable);
      expect(await health()).toEqual([503, `${reason} (${number})`]);
      expect(logLines.some((line) => line.includes("request.refused") && line.includes(reason))).toBe(true);
      server.script = {};
      expect((await health())[0]).toBe(200);
      expect(await register()).toMatchObject({ status: 201 });
    },
  );

  test.each(writes)("%i, %s: 503 to callers, and recovery", async (number, _what, reason) => {
    server.script.request = (request, run) => (starts("insert")(request) ? error(number) : run());
    expect(await register()).toEqual(unavailable);
    expect(logLines.filter((line) => line.includes("request.refused") && line.includes(reason))).toHaveLength(1);
    if (reason === "it is full" || reason === "it is read-only")
      expect(await health()).toEqual([503, `${reason} (${number})`]);
    server.script = {};
    expect(await register()).toMatchObject({ status: 201 });
    expect((await health())[0]).toBe(200);
  });

  test.each([
    [208, "a schema that is not there", "its schema does not match this release: npm run migrate -- up (208)"],
    [229, "a login without rights", "the login lacks a permission: see sql/grants.mssql.sql (229)"],
  ])("%i, %s, is told by /health too", async (number, _what, reason) => {
    server.script.request = (request, run) => (/"users"/.test(request.sql) ? error(number) : run());
    expect(await health()).toEqual([503, reason]);
    server.script = {};
    expect((await health())[0]).toBe(200);
  });

  test("during an outage, the key set that is known stays to be had", async () => {
    expect((await api.get("/.well-known/jwks.json")).status).toBe(200);
    clock.advance(31);
    server.script.login = () => error(40613);
    server.script.request = () => "drop";
    server.dropAll();
    const startedAt = performance.now();
    const { status, json } = await api.get("/.well-known/jwks.json");
    expect([status, json.keys.length, performance.now() - startedAt < 2000]).toEqual([200, 1, true]);
    server.script = {};
  });

  test("a database that says it is read-only: one line in /health", async () => {
    const state = { columns: [["state", "nvarchar(20)"]], rows: [["READ_ONLY"]] } as const;
    server.script.request = (request, run) => (request.sql.includes("databasepropertyex") ? state : run());
    expect(await health()).toEqual([503, "it is read-only"]);
  });

  test("npm start says in one line what is wrong, and no secret", async () => {
    server.script.login = () => error(18456);
    const before = { ...process.env };
    Object.assign(process.env, testSettings, settings);
    const thrown = await prepare().catch((reason: unknown) => reason);
    process.env = before;
    expect((thrown as Error).message).toBe(`The database cannot be reached: ${logins[0][2]} (18456)`);
  });
});
