import { describe, expect, test } from "vitest";
import { claimsOf } from "../../support/clients.ts";
import { postedMails } from "../../support/mails.ts";
import { meStatus, password, toDevice } from "../../support/people.ts";
import { createRemembering, rememberCookieOf } from "../../support/remembering.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const { protectedPerson, challenge, verify, totp, send, provenPerson } = createFactorCalls(service);
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
    for (const [method, path] of [
      ["POST", "/auth/mfa/totp"],
      ["DELETE", `/auth/mfa/totp/${person.factorId}`],
      ["POST", "/auth/mfa/recovery-codes"],
      ["DELETE", "/auth/me"],
    ] as const)
      expect((await send(method, path, device)).json.error_code, path).toBe("REAUTHENTICATION_REQUIRED");
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
