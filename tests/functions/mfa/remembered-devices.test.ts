import { describe, expect, test } from "vitest";
import { claimsOf } from "../../support/clients.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { meStatus, newDevice, password, toDevice } from "../../support/people.ts";
import { createRemembering, rememberCookieOf, type Remembering } from "../../support/remembering.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const { protectedPerson, challenge, verify, totp, send, withApp, recoveryCodes, provenPerson } =
  createFactorCalls(service);
const { remembered, login } = createRemembering(service);
const day = 86_400;

const listOf = async ({ accessToken: bearer }: { accessToken: string }) =>
  (await api.get("/auth/mfa", { bearer })).json.data.remembered_devices;

describe("20.7 a second factor with `remember`", () => {
  test("sets a cookie that no script reads, for MFA_REMEMBER_DAYS", async () => {
    const person = await protectedPerson();
    const answer = await verify(await challenge(person.email), { ...totp(person), remember: true });
    expect([answer.status, answer.json.data.remember_token]).toEqual([200, undefined]);
    expect(answer.setCookies).toContainEqual(
      expect.stringMatching(/^mfa_remembered=[\w-]{43}\.[\w-]{43}; max-age=2592000; path=\/; samesite=lax; httponly$/),
    );
  });

  test("over https sets it with the __Host- prefix, and reads no other", async () => {
    const person = await protectedPerson();
    withSettings(service, { ISSUER: "https://auth.example.com" });
    const answer = await verify(await challenge(person.email), { ...totp(person), remember: true });
    expect(answer.setCookies).toContainEqual(
      expect.stringMatching(/^__Host-mfa_remembered=.*; path=\/; secure; samesite=lax; httponly$/),
    );
    const [remember, device] = [rememberCookieOf(answer), answer.setCookies.find((set) => set.includes("_device="))];
    const plain = `${device?.split(";")[0]}; ${remember.replace("__Host-", "")}`;
    const sent = (cookie: string) => api.post("/auth/login", { cookie, body: { email: person.email, password } });
    expect((await sent(plain)).json.data.mfa_required).toBe(true);
    expect((await sent(`${device?.split(";")[0]}; ${remember}`)).json.data.access_token).toBeDefined();
  });

  test('is answered a `remember_token` with `transport: "body"`, which apps send with the next first factor', async () => {
    const { email, secret } = await protectedPerson();
    const first = { email, password, transport: "body" };
    const { mfa_token: token, device_id: device } = (await api.post("/auth/login", { body: first })).json.data;
    const shown = { mfa_token: token, ...totp({ secret }), remember: true, transport: "body", device_id: device };
    const done = await api.post("/auth/mfa/verify", { body: shown });
    expect([done.status, done.setCookies]).toEqual([200, []]);
    const body = { ...first, device_id: device, remember_token: done.json.data.remember_token };
    const again = await api.post("/auth/login", { body });
    expect(again.json.data.refresh_token).toMatch(/^[\w-]{43}$/);
    const without = await api.post("/auth/login", { body: { ...body, device_id: undefined } });
    expect(without.json.data.mfa_required).toBe(true);
  });

  test.each([
    ["without it, or with false", {}, false],
    ["where MFA_REMEMBER_DAYS is 0", { MFA_REMEMBER_DAYS: "0" }, true],
  ])("remembers nothing %s", async (_what, settings, remember) => {
    const person = await protectedPerson();
    withSettings(service, settings);
    const answer = await verify(await challenge(person.email), { ...totp(person), remember });
    expect(answer.status).toBe(200);
    expect(answer.setCookies.join()).not.toContain("mfa_remembered");
    expect(await listOf(person.device)).toEqual([]);
  });

  test.each(["true", 1, null])("takes no %o for true", async (remember) => {
    const person = await protectedPerson();
    const begun = await challenge(person.email);
    expect((await verify(begun, { ...totp(person), remember })).status).toBe(422);
    expect((await verify(begun, totp(person))).status).toBe(200);
  });

  test("that is wrong remembers nothing", async () => {
    const person = await protectedPerson();
    const wrong = { method: "recovery", code: "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", remember: true };
    expect((await verify(await challenge(person.email), wrong)).setCookies).toEqual([]);
    expect(await listOf(person.device)).toEqual([]);
  });
});

describe("20.7 on a remembered device", () => {
  test("the first factor signs in, and says no second one: a sensitive change wants more", async () => {
    const person = await remembered();
    clock.advance(day);
    const answer = await login(person);
    expect(answer.json.data.user.last_login).toBe(clock.now().toISOString());
    const device = toDevice(person.email, answer);
    expect(claimsOf(device.accessToken)).toMatchObject({ acr: "aal1", amr: ["pwd"] });
    expect(await meStatus(api, device)).toBe(200);
    const { events } = (await api.get("/auth/me/activity", { bearer: device.accessToken })).json.data;
    expect(events.map(({ type }: { type: string }) => type)).toContain("remembered_device.added");
  });

  test("it goes on for as long as was said from the second factor on, however often it is used", async () => {
    const person = await remembered();
    for (let days = 1; days < 30; days += 7) {
      clock.advance(7 * day - 60);
      if (days < 22) expect((await login(person)).json.data.access_token).toBeDefined();
    }
    clock.advance(30 * day);
    expect((await login(person)).json.data.mfa_required).toBe(true);
  });

  test("a shorter MFA_REMEMBER_DAYS counts at once, and 0 ends it", async () => {
    const person = await remembered();
    clock.advance(2 * day);
    for (const [days, isOver] of [
      ["3", true],
      ["2", false],
      ["0", false],
    ] as const) {
      withSettings(service, { MFA_REMEMBER_DAYS: days });
      expect((await login(person)).json.data.access_token !== undefined, days).toBe(isOver);
    }
  });

  test("the wrong password is the wrong password", async () => {
    const { cookies, email } = await remembered();
    const answer = await api.post("/auth/login", { cookie: cookies, body: { email, password: "wrong".repeat(4) } });
    expect([answer.status, answer.json.error_code]).toEqual([401, "INVALID_CREDENTIALS"]);
  });

  test("a sign-in is told to the owner if the account does not know the device any more", async () => {
    const person = await remembered();
    await services.accounts.forgetDevices(person.accountId);
    const told = async () =>
      (await postedMails(services)).filter(({ template, to }) => template === "new_device" && to === person.email)
        .length;
    const before = await told();
    expect((await login(person)).json.data.access_token).toBeDefined();
    expect(await told()).toBe(before + 1);
    expect((await login(person)).json.data.access_token).toBeDefined();
    expect(await told()).toBe(before + 1);
  });
});

describe("20.7 what a thief has of a remembered device is not enough:", () => {
  const cases: Record<string, (person: Remembering) => Promise<string> | string> = {
    "its cookie, on another device": async ({ remember }) => {
      const other = await api.post("/auth/login", { body: { email: (await newDevice(api)).email, password } });
      const device = other.setCookies.find((set) => set.startsWith("latchkey_device=")) ?? "";
      return `${device.split(";")[0]}; ${remember}`;
    },
    "its cookie, without a device": ({ remember }) => remember,
    "the device's cookie alone": ({ device }) => device,
    "a forged signature": ({ device, remember }) =>
      `${device}; ${remember.slice(0, -1)}${remember.endsWith("A") ? "E" : "A"}`,
    "another random token": ({ device, remember }) =>
      `${device}; mfa_remembered=${"A".repeat(43)}${remember.slice(-44)}`,
    "the cookie of another account, on the same device": async ({ device }) => {
      const other = await remembered({ on: device });
      expect((await login(other)).json.data.access_token).toBeDefined();
      return other.cookies;
    },
  };

  test.each(Object.keys(cases))("%s", async (name) => {
    const person = await remembered();
    const cookies = (await cases[name]?.(person)) ?? "";
    expect((await login({ ...person, cookies })).json.data.mfa_required).toBe(true);
    expect((await login(person)).json.data.access_token, "it is good where it belongs").toBeDefined();
  });

  test("a session or an mfa_token in its place, and it in theirs", async () => {
    const person = await remembered();
    const { mfaToken } = await challenge(person.email);
    const text = person.remember.slice("mfa_remembered=".length);
    for (const false_ of [mfaToken, person.session.refreshToken, person.device.slice("latchkey_device=".length)])
      expect(
        (await login({ ...person, cookies: `${person.device}; mfa_remembered=${false_}` })).json.data.mfa_required,
      ).toBe(true);
    expect((await api.post("/auth/refresh", { cookie: `refresh_token=${text}` })).status).toBe(401);
    const shown = { mfa_token: text, ...totp(person) };
    expect((await api.post("/auth/mfa/verify", { cookie: person.device, body: shown })).status).toBe(401);
  });
});

describe("20.7 a device is remembered no more after", () => {
  const fresh = "seven grey herons";
  const endings: Record<string, (person: Remembering) => Promise<unknown>> = {
    "a change of the password": async ({ session }) =>
      send("POST", "/auth/password/change", session, { current_password: password, password: fresh }),
    async "a reset of the password"({ email }) {
      await api.post("/auth/password/forgot", { body: { email } });
      const { token } = (await latestMail(services, "reset_password", email)).data;
      return api.post("/auth/password/reset", { body: { token, password: fresh } });
    },
    "another app": ({ session }) => withApp(session).then(() => ({ status: 200 })),
    async "an app fewer, of two"(person) {
      const { factorId } = await withApp(person.session);
      const again = await remembered({ of: person });
      expect((await login(again)).json.data.access_token).toBeDefined();
      Object.assign(person, again);
      return send("DELETE", `/auth/mfa/totp/${factorId}`, person.session);
    },
    async "the last app, and a first one again"(person) {
      const removed = await send("DELETE", `/auth/mfa/totp/${person.factorId}`, person.session);
      await withApp(person.session);
      return removed;
    },
    "recovery codes made anew": (person) =>
      recoveryCodes({ ...person, device: person.session }).then(() => ({ status: 200 })),
    "the end of all other sessions": ({ session }) => send("DELETE", "/auth/sessions", session),
    "a logout everywhere": ({ session }) => send("POST", "/auth/logout", session, { scope: "global" }),
    "a logout of the others": ({ session }) => send("POST", "/auth/logout", session, { scope: "others" }),
    async "deletion, and its cancellation"({ session, email }) {
      const deleted = await send("DELETE", "/auth/me", session);
      expect(deleted.status).toBe(200);
      return api.post("/auth/me/deletion/cancel", { body: { email, password } });
    },
    async "its removal by its owner"({ session }) {
      const [{ id }] = await listOf(session);
      return send("DELETE", `/auth/mfa/remembered-devices/${id}`, session);
    },
    "the removal of all": ({ session }) => send("DELETE", "/auth/mfa/remembered-devices", session),
  };

  test.each(Object.keys(endings))("%s", async (name) => {
    const person = await remembered();
    expect((await login(person)).json.data.access_token).toBeDefined();
    expect(await endings[name]?.(person)).toMatchObject({ status: 200 });
    for (const typed of [password, fresh]) {
      const answer = await login(person, typed);
      expect(answer.json.data?.access_token, name).toBeUndefined();
      if (answer.status === 200) expect(answer.json.data.mfa_required).toBe(true);
    }
    const rows = await services.mfa.rememberedDevices.list(person.accountId, clock.now());
    expect(rows).toEqual([]);
  });

  test("neither a logout there, nor a sign-in elsewhere, nor another name for an app", async () => {
    const person = await remembered();
    expect((await send("PATCH", `/auth/mfa/totp/${person.factorId}`, person.session, { name: "Tablet" })).status).toBe(
      200,
    );
    const elsewhere = await challenge(person.email);
    clock.advance(30);
    expect((await verify(elsewhere, totp(person))).status).toBe(200);
    expect((await send("POST", "/auth/logout", person.session)).status).toBe(200);
    expect((await login(person)).json.data.access_token).toBeDefined();
  });
});

describe("20.7 GET /auth/mfa", () => {
  test("lists them as sessions are listed, with no token", async () => {
    const person = await remembered({ headers: { "User-Agent": firefox } });
    const at = clock.now().toISOString();
    const [listed, ...others] = await listOf(person.session);
    expect(others).toEqual([]);
    expect(listed).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      device: "desktop",
      browser: "Firefox",
      os: "Linux",
      address: "127.0.0.1",
      created_at: at,
      last_used_at: at,
      expires_at: new Date(clock.now().getTime() + 30 * day * 1000).toISOString(),
    });
    clock.advance(60);
    await login(person);
    expect((await listOf(person.session))[0].last_used_at).toBe(clock.now().toISOString());
  });

  test("shows and removes those of the own account alone", async () => {
    const [one, two] = [await remembered(), await remembered()];
    const [{ id }] = await listOf(one.session);
    const removed = await send("DELETE", `/auth/mfa/remembered-devices/${id}`, two.session);
    expect([removed.status, removed.json.error_code]).toEqual([404, "NOT_FOUND"]);
    const all = await send("DELETE", "/auth/mfa/remembered-devices", two.session);
    expect([all.status, all.json.data.remembered_devices]).toEqual([200, []]);
    expect((await login(one)).json.data.access_token).toBeDefined();
  });

  test("an access token alone removes none", async () => {
    const person = await remembered();
    const [{ id }] = await listOf(person.session);
    for (const path of [`/auth/mfa/remembered-devices/${id}`, "/auth/mfa/remembered-devices"]) {
      const answer = await api.send("DELETE", path, { bearer: person.session.accessToken, body: {} });
      expect([answer.status, answer.json.error_code]).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    }
    expect((await login(person)).json.data.access_token).toBeDefined();
  });
});

test("20.7 no device is remembered of somebody without a second factor", async () => {
  const device = await provenPerson();
  expect(await listOf(device)).toEqual([]);
});

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
