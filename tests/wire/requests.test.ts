// How often the service turns to its database: each time costs a call a millisecond or two in Azure.
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import type { ApiRequest } from "../support/api.ts";
import { claimsOf } from "../support/clients.ts";
import {
  meStatus,
  newDevice,
  password,
  refresh,
  refreshed,
  registerPerson,
  signIn,
  type Device,
} from "../support/people.ts";
import { latestMail } from "../support/mails.ts";
import { startService, withSettings } from "../support/service.ts";
import { lostAnswers, once, requestsOf, settingsFor, starts, startServerWithData, stepsOf } from "./sql-server.ts";

const server = await startServerWithData();
/** Nothing here waits for a limit. */
const patient = { DB_ACQUIRE_TIMEOUT_SECONDS: "20", DB_CONNECT_TIMEOUT_SECONDS: "20", DB_RETRY_BUDGET_SECONDS: "20" };
const wireSettings = { ...settingsFor(server.port), ...patient };
const service = await startService(wireSettings);
const { api, clock, logLines, services } = service;

const logout = async (request: ApiRequest) => expect((await api.post("/auth/logout", request)).status).toBe(200);
const expectSent = async (path: string, body: object) => expect((await api.post(path, { body })).status).toBe(202);
const refusedRefresh = async ({ cookie }: Device) => expect((await refresh(api, cookie)).status).toBe(401);

beforeEach(() => {
  server.script = {};
});

describe("requests of a call, warm:", () => {
  test("register with its mail 2, login 5, me 1, refresh 3, with their begin and commit", async () => {
    await newDevice(api);
    let email = "";
    expect(await requests(async () => (email = await registerPerson(api)))).toBe(2);
    const device = await signIn(api, email);
    expect(await requests(() => signIn(api, email))).toBe(5);
    expect(await requests(() => meStatus(api, device))).toBe(1);
    expect(await requests(() => refresh(api, device.cookie))).toBe(3);
  });

  test("mails to addresses, the same for known and unknown: forgot and resend 2, register 2 where it must be verified", async () => {
    const known = await registerPerson(api);
    for (const email of [known, "nobody@example.com", "nobody@bücher.example"]) {
      expect(await requests(() => expectSent("/auth/password/forgot", { email })), email).toBe(2);
      expect(await requests(() => expectSent("/auth/email/resend", { email })), email).toBe(2);
    }
    withSettings(service, { ...wireSettings, EMAIL_VERIFICATION: "required" });
    for (const email of [known, "new@example.com", "new@bücher.example", "new@example.com"]) {
      await expectSent("/auth/register", { email: "warm@example.com", username: "Ada", password });
      expect(await requests(() => expectSent("/auth/register", { email, username: "Ada", password })), email).toBe(2);
    }
  });

  // Of a reset one reads the person's name, which the password must not be.
  test("a link's post: 6 to verify, 6 to reset the password, 1 if it is dead", async () => {
    const email = await registerPerson(api);
    await expectSent("/auth/password/forgot", { email });
    const [verification, reset] = [
      await latestMail(services, "verify_email", email),
      await latestMail(services, "reset_password", email),
    ];
    const post = async (path: string, body: object, status: number) =>
      expect((await api.post(path, { body })).status).toBe(status);
    const dead = { token: "A".repeat(43) };
    expect(await requests(() => post("/auth/email/verify", dead, 400))).toBe(1);
    expect(await requests(() => post("/auth/password/reset", { ...dead, password }, 400))).toBe(1);
    expect(await requests(() => post("/auth/email/verify", { token: verification.data.token }, 200))).toBe(6);
    expect(await requests(() => post("/auth/password/reset", { token: reset.data.token, password }, 200))).toBe(6);
  });

  test("a login that takes the place of the session that the browser holds: two more, to read and to end that", async () => {
    const { email, cookie } = await newDevice(api);
    expect(await requests(() => api.post("/auth/login", { body: { email, password }, cookie }))).toBe(7);
  });

  // One to read the credential, and one for the event, which its owner may want to see; also where there is no owner.
  test("a login that is refused: two, also at an unknown address, and with the same statements", async () => {
    const { email } = await newDevice(api);
    const refused = async (address: string) => {
      const body = { email: address, password: "not my pass phrase" };
      const call = async () => expect((await api.post("/auth/login", { body })).status).toBe(401);
      return (await requestsOf(server, call)).map(({ sql }) => sql);
    };
    const asked = await refused(email);
    expect(asked).toHaveLength(2);
    expect(await refused("nobody@example.com")).toEqual(asked);
  });

  test("a refresh that is repeated, and one of an unknown token: 2, begin among them", async () => {
    const device = await newDevice(api);
    await refreshed(api, device);
    expect(await requests(() => refresh(api, device.cookie))).toBe(2);
    expect(await requests(() => refusedRefresh({ ...device, cookie: `refresh_token=${"B".repeat(43)}` }))).toBe(2);
  });

  test("a reuse: 3, and the session has ended", async () => {
    const device = await newDevice(api);
    const next = await refreshed(api, device);
    clock.advance(11);
    expect(await requests(() => refusedRefresh(device))).toBe(3);
    expect(await meStatus(api, next)).toBe(401);
  });
});

describe("a logout sends 2 requests at most, whatever it is given:", () => {
  const credentials: readonly (readonly [string, (one: Device, two: Device) => ApiRequest, number])[] = [
    ["nothing", () => ({}), 0],
    ["a bearer", (one) => ({ bearer: one.accessToken }), 2],
    ["a cookie", (one) => ({ cookie: one.cookie }), 2],
    ["a token in the body", (one) => ({ body: { refresh_token: one.refreshToken } }), 2],
    ["bearer and cookie of one session", (one) => ({ bearer: one.accessToken, cookie: one.cookie }), 2],
    ["bearer and cookie of two sessions", (one, two) => ({ bearer: one.accessToken, cookie: two.cookie }), 2],
    [
      "bearer and body of one session, cookie of another",
      (one, two) => ({ bearer: one.accessToken, cookie: two.cookie, body: { refresh_token: one.refreshToken } }),
      2,
    ],
    ["an unknown cookie", () => ({ cookie: `refresh_token=${"B".repeat(43)}` }), 1],
    ["a forged bearer", () => ({ bearer: "a.b.c" }), 0],
  ];

  describe.each(["local", "others", "global"] as const)("scope %s,", (scope) => {
    test.each(credentials)("with %s", async (_what, requestOf, most) => {
      const email = await registerPerson(api);
      const [one, two] = [await signIn(api, email), await signIn(api, email)];
      const { body, ...rest } = requestOf(one, two);
      expect(await requests(() => logout({ ...rest, body: { ...(body as object | undefined), scope } }))).toBe(most);
    });
  });

  test("bearer and cookie of one session end it once, and are audited once", async () => {
    const device = await newDevice(api);
    logLines.length = 0;
    server.requests.length = 0;
    await logout({ bearer: device.accessToken, cookie: device.cookie });
    expect(stepsOf(server).filter((step) => step.startsWith("update"))).toHaveLength(1);
    expect(logLines.filter((line) => line.includes("session.ended"))).toHaveLength(1);
  });

  test.each(lostAnswers)("an answer lost %s leaves both sessions ended", async (_when, reply) => {
    const email = await registerPerson(api);
    const [one, two] = [await signIn(api, email), await signIn(api, email)];
    once(server, starts("update"), reply);
    await logout({ bearer: one.accessToken, cookie: two.cookie });
    expect([await meStatus(api, one), await meStatus(api, two)]).toEqual([401, 401]);
  });
});

/**
 * Gives all indexes of a stretch to sessions. Some at a time: a connection that waits meanwhile would be closed just as it is used.
 */
async function fill(sub: string, first: number, last: number): Promise<void> {
  const database = new DatabaseSync(server.file);
  const at = clock.now().toISOString();
  const add = database.prepare(`
    with recursive numbers (place) as (select ?1 union all select place + 1 from numbers where place < ?2)
    insert into sessions (id, user_id, created_at, expires_at, status_index)
    select 'filled ' || place, ?3, ?4, ?4, place from numbers
    where not exists (select 1 from sessions where status_index = place)`);
  for (let from = first; from <= last; from += 4096) {
    add.run(from, Math.min(from + 4095, last), sub, at);
    await setImmediate();
  }
  database.close();
}

describe("15.4 a login sends as many requests among many sessions as among none,", () => {
  test("and so does a refresh: 5 and 3 at each login, however full the ranges of status indexes are", async () => {
    const { sub } = claimsOf((await newDevice(api)).accessToken);
    const grades = [
      ["empty", 0, 0],
      ["two thirds of the first range", 0, 43_690],
      ["all but one in a hundred of the first", 43_691, 64_880],
      ["the first range", 64_881, 65_535],
      ["the first and most of the second", 65_536, 130_000],
      ["the first two", 130_001, 131_071],
    ] as const;
    for (const [grade, first, last] of grades) {
      await fill(sub, first, last);
      const email = await registerPerson(api);
      for (let round = 0; round < 10; round += 1) {
        let device: Device | undefined;
        expect(await requests(async () => (device = await signIn(api, email))), grade).toBe(5);
        expect(await requests(() => refresh(api, (device as Device).cookie)), grade).toBe(3);
      }
    }
  }, 60_000);

  test("also where it takes the place of a session that ended long ago", async () => {
    const database = new DatabaseSync(server.file);
    database.exec(`update sessions set ended_at = '${clock.now().toISOString()}' where id like 'filled %'`);
    database.close();
    clock.advance(1800 + 120 + 300);
    const email = await registerPerson(api);
    await signIn(api, email);
    for (let round = 0; round < 10; round += 1) expect(await requests(() => signIn(api, email))).toBe(5);
  });
});

async function requests(work: () => Promise<unknown>): Promise<number> {
  return (await requestsOf(server, work)).length;
}
