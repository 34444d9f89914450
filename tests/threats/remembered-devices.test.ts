// A stolen or kept cookie of a remembered device.
import { describe, expect, test } from "vitest";
import { latestMail } from "../support/mails.ts";
import { createPasskeyCalls } from "../support/passkeys.ts";
import { newDevice, password } from "../support/people.ts";
import { createRemembering, type Remembering } from "../support/remembering.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { startService, withSettings } from "../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const { challenge, verify, totp, send, withApp, recoveryCodes } = createFactorCalls(service);
const { add, make, withPasskey } = createPasskeyCalls(service);
const { remembered, login } = createRemembering(service);

const listOf = async ({ accessToken: bearer }: { accessToken: string }) =>
  (await api.get("/auth/mfa", { bearer })).json.data.remembered_devices;

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
    for (const wrong of [mfaToken, person.session.refreshToken, person.device.slice("latchkey_device=".length)])
      expect(
        (await login({ ...person, cookies: `${person.device}; mfa_remembered=${wrong}` })).json.data.mfa_required,
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
    "a new passkey": async ({ session }) => {
      const { credential } = await make(session);
      return add(session, credential);
    },
    "the removal of a passkey": async ({ session }) => {
      const { passkeyId } = await withPasskey(session);
      return send("DELETE", `/auth/passkeys/${passkeyId}`, session);
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

test("20.4, 20.7: a mailed code remembers no device", async () => {
  withSettings(service, { MFA_EMAIL: "on" });
  const person = await remembered();
  const begun = await challenge(person.email);
  expect(
    (await api.post("/auth/mfa/email", { cookie: begun.cookie, body: { mfa_token: begun.mfaToken } })).status,
  ).toBe(202);
  const { code } = (await latestMail(services, "sign_in_code", person.email)).data;
  const answer = await verify(begun, { method: "email", code, remember: true });
  expect(answer.status).toBe(200);
  expect(answer.setCookies.filter((set) => set.includes("mfa_remembered="))).toEqual([]);
  expect(await services.mfa.rememberedDevices.list(person.accountId, clock.now())).toHaveLength(1);
});
