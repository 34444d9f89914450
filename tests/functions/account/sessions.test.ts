// Where a person is signed in, and how they end that.
import { describe, expect, test } from "vitest";
import { readRecords } from "../../support/audit-chains.ts";
import { claimsOf } from "../../support/clients.ts";
import {
  meStatus,
  newDevice,
  password,
  refresh,
  refreshed,
  registerPerson,
  signIn,
  toDevice,
  type Device,
} from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, services } = await startService();
const idOf = ({ accessToken }: Device): string => claimsOf(accessToken).sid;
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const iphone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1";

async function signInFrom(email: string, userAgent: string): Promise<Device> {
  const headers = { "user-agent": userAgent };
  return toDevice(email, await api.post("/auth/login", { body: { email, password }, headers }));
}

async function sessionsOf({ accessToken: bearer }: Device) {
  const answer = await api.get("/auth/sessions", { bearer });
  expect(answer.status).toBe(200);
  return answer.json.data.sessions as Record<string, unknown>[];
}

const proven = ({ accessToken: bearer, cookie }: Device) => ({ bearer, cookie });

describe("GET /auth/sessions", () => {
  test("lists a person's own live sessions, the one used last first", async () => {
    const email = await registerPerson(api);
    const phone = await signInFrom(email, iphone);
    const ended = await signIn(api, email);
    await api.post("/auth/logout", { bearer: ended.accessToken });
    await newDevice(api);
    clock.advance(60);
    const desk = await signInFrom(email, firefox);
    const at = clock.now().toISOString();
    const before = new Date(clock.now().getTime() - 60_000).toISOString();
    expect(await sessionsOf(desk)).toEqual([
      {
        id: idOf(desk),
        device: "desktop",
        browser: "Firefox",
        os: "Linux",
        address: "127.0.0.1",
        created_at: at,
        last_used_at: at,
        current: true,
      },
      {
        id: idOf(phone),
        device: "iPhone",
        browser: "Safari",
        os: "iOS",
        address: "127.0.0.1",
        created_at: before,
        last_used_at: before,
        current: false,
      },
    ]);
  });

  test("leaves out a session whose refresh token has expired", async () => {
    const first = await newDevice(api);
    clock.advance(7 * 86_400);
    expect(await sessionsOf(await signIn(api, first.email))).toHaveLength(1);
  });

  test("shows nothing of a device that sends no user agent that is known", async () => {
    const email = await registerPerson(api);
    const [session] = await sessionsOf(await signInFrom(email, "<script>alert(1)</script>/1 x"));
    expect(session).toMatchObject({ device: null, browser: null, os: null });
  });

  test("needs a session", async () => {
    expect((await api.get("/auth/sessions")).status).toBe(401);
  });
});

describe("the last use", () => {
  const lastUse = async (device: Device) => (await sessionsOf(device)).find(({ current }) => current)?.["last_used_at"];

  test("is written at most once in five minutes, by whatever needs a session", async () => {
    const device = await newDevice(api);
    const began = clock.now().toISOString();
    clock.advance(299);
    await meStatus(api, device);
    expect(await lastUse(device)).toBe(began);
    clock.advance(1);
    await meStatus(api, device);
    expect(await lastUse(device)).toBe(clock.now().toISOString());
  });

  test("by a refresh says from where; by an access token only when, for an API may have it", async () => {
    const email = await registerPerson(api);
    const device = await signInFrom(email, firefox);
    clock.advance(301);
    await api.get("/auth/me", { bearer: device.accessToken, headers: { "user-agent": iphone } });
    expect(await sessionsOf(device)).toMatchObject([{ browser: "Firefox", last_used_at: clock.now().toISOString() }]);
    clock.advance(301);
    const next = await api.post("/auth/refresh", { cookie: device.cookie, headers: { "user-agent": iphone } });
    expect(await sessionsOf(toDevice(email, next))).toMatchObject([{ browser: "Safari" }]);
  });

  test("fails no call: a database that only reads serves it still", async () => {
    const device = await newDevice(api);
    const { noteUse } = services.sessions;
    const writable = services.sessions as { noteUse: typeof noteUse };
    writable.noteUse = () => Promise.reject(new Error("read only"));
    clock.advance(301);
    expect(await meStatus(api, device)).toBe(200);
    writable.noteUse = noteUse;
  });
});

describe("DELETE /auth/sessions/{id}", () => {
  test("ends one's own session, immediately", async () => {
    const desk = await newDevice(api);
    const phone = await signIn(api, desk.email);
    const answer = await api.send("DELETE", `/auth/sessions/${idOf(phone).toUpperCase()}`, proven(desk));
    expect([answer.status, answer.json.data, answer.setCookies]).toEqual([200, { ended: 1 }, []]);
    expect([await meStatus(api, phone), await meStatus(api, desk)]).toEqual([401, 200]);
    expect((await refresh(api, phone.cookie)).status).toBe(401);
  });

  test("ends the session of the call too, and clears its cookie", async () => {
    const device = await newDevice(api);
    const answer = await api.send("DELETE", `/auth/sessions/${idOf(device)}`, proven(device));
    expect([answer.status, answer.setCookies]).toEqual([200, [expect.stringMatching(/^refresh_token=; max-age=0;/i)]]);
    expect(await meStatus(api, device)).toBe(401);
  });

  test.each([
    ["somebody else's", async () => idOf(await newDevice(api))],
    ["an unknown one", async () => "00000000-0000-8000-8000-000000000000"],
    ["no id at all", async () => "garbled"],
    [
      "an ended one",
      async (device: Device) => {
        const other = await signIn(api, device.email);
        await api.post("/auth/logout", { bearer: other.accessToken });
        return idOf(other);
      },
    ],
  ])("answers 404 for %s, which stays as it is", async (_what, idFor) => {
    const device = await newDevice(api);
    const answer = await api.send("DELETE", `/auth/sessions/${await idFor(device)}`, proven(device));
    expect([answer.status, answer.json.error_code]).toEqual([404, "NOT_FOUND"]);
  });

  test("of fifty at once, one ends it", async () => {
    const desk = await newDevice(api);
    const phone = await signIn(api, desk.email);
    const end = () => api.send("DELETE", `/auth/sessions/${idOf(phone)}`, proven(desk));
    const answers = await Promise.all(Array.from({ length: 50 }, end));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 49 }, () => 404)]);
  });
});

describe("DELETE /auth/sessions", () => {
  test("ends all others, and says how many", async () => {
    const device = await newDevice(api);
    const others = [await signIn(api, device.email), await signIn(api, device.email)];
    const stranger = await newDevice(api);
    const answer = await api.send("DELETE", "/auth/sessions", proven(device));
    expect([answer.status, answer.json.data, answer.setCookies]).toEqual([200, { ended: 2 }, []]);
    expect(await Promise.all(others.map((other) => meStatus(api, other)))).toEqual([401, 401]);
    expect([await meStatus(api, device), await meStatus(api, stranger)]).toEqual([200, 200]);
    expect((await api.send("DELETE", "/auth/sessions", proven(device))).json.data).toEqual({ ended: 0 });
  });

  test("19.15 is recorded once for all that it ends, and not at all if there is none", async () => {
    const device = await newDevice(api);
    const { queries } = services.database;
    const own = await services.subjects.auditIdOf(queries, claimsOf(device.accessToken).sub);
    const ended = async () =>
      (await readRecords(queries)).filter(({ type, subject }) => type === "session.ended" && subject === own);
    expect((await api.send("DELETE", "/auth/sessions", proven(device))).json.data).toEqual({ ended: 0 });
    expect(await ended()).toEqual([]);
    for (const email of [device.email, device.email]) await signIn(api, email);
    expect((await api.send("DELETE", "/auth/sessions", proven(device))).json.data).toEqual({ ended: 2 });
    expect(await ended()).toMatchObject([{ reason: "ended by its owner", details: '{"count":2}' }]);
  });

  test("takes the refresh token in the body, from an app without cookies", async () => {
    const device = await newDevice(api);
    const { accessToken: bearer, refreshToken } = device;
    const answer = await api.send("DELETE", "/auth/sessions", { bearer, body: { refresh_token: refreshToken } });
    expect(answer.status).toBe(200);
  });
});

test.each(["/auth/sessions", "/auth/sessions/ID"])(
  "DELETE %s with an access token alone ends nothing",
  async (path) => {
    const victim = await newDevice(api);
    const other = await refreshed(api, await signIn(api, victim.email));
    for (const cookie of [undefined, other.cookie]) {
      const target = path.replace("ID", idOf(other));
      const answer = await api.send("DELETE", target, { bearer: victim.accessToken, ...(cookie && { cookie }) });
      expect([answer.status, answer.json.error_code]).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    }
    expect(await meStatus(api, other)).toBe(200);
  },
);
