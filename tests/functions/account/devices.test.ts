// What is told of a sign-in from a device that is new to the account.
import { describe, expect, test } from "vitest";
import type { DevicesTable } from "../../../shared/accounts/tables.ts";
import { purgeExpired } from "../../../shared/flows/maintenance/purge.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import type { ApiAnswer, ApiRequest } from "../../support/api.ts";
import { claimsOf } from "../../support/clients.ts";
import { contextOf } from "../../support/context.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { password, registerPerson } from "../../support/people.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async function login(email: string, { body, ...request }: Omit<ApiRequest, "body"> & { body?: object } = {}) {
  const answer = await api.post("/auth/login", { ...request, body: { email, password, ...body } });
  expect(answer.status).toBe(200);
  return answer;
}

const deviceCookieOf = ({ setCookies }: ApiAnswer) =>
  setCookies.find((cookie) => cookie.startsWith("latchkey_device="))?.split(";")[0] ?? "";

const noticesTo = async (email: string) =>
  (await postedMails(services)).filter(({ template, to }) => template === "new_device" && to === email);

/** Somebody who has signed in before, with their device's cookie. */
async function knownPerson() {
  const email = await registerPerson(api);
  return { email, cookie: deviceCookieOf(await login(email)) };
}

describe("a sign-in", () => {
  test("from a device that is new to the account is told to its owner, with a way to say that it was not them", async () => {
    const { email } = await knownPerson();
    await login(email, { headers: { "user-agent": firefox } });
    const { data } = await latestMail(services, "new_device", email);
    expect(data).toMatchObject({
      device: "Firefox on Linux",
      address: "127.0.0.1",
      at: clock.now().toISOString(),
      token: expect.stringMatching(/^[\w-]{43}$/),
    });
    const body = { token: data.token, password: "another pass phrase" };
    expect((await api.post("/auth/password/reset", { body })).status).toBe(200);
  });

  test("leaves the link good that its owner has asked for", async () => {
    const { email } = await knownPerson();
    expect((await api.post("/auth/password/forgot", { body: { email } })).status).toBe(202);
    const { data } = await latestMail(services, "reset_password", email);
    await login(email, { headers: { "user-agent": firefox } });
    await latestMail(services, "new_device", email);
    const body = { token: data.token, password: "another pass phrase" };
    expect((await api.post("/auth/password/reset", { body })).status).toBe(200);
  });

  test("the account's first is not, and neither is one from a known device", async () => {
    const { email, cookie } = await knownPerson();
    await login(email, { cookie });
    expect(await noticesTo(email)).toEqual([]);
  });

  test("keeps its device for a year, known to each account that it signed in to", async () => {
    const [one, other] = [await knownPerson(), await knownPerson()];
    const answer = await login(other.email, { cookie: one.cookie });
    expect(deviceCookieOf(answer)).toBe(one.cookie);
    expect(answer.setCookies.at(-1)).toMatch(/; max-age=31536000; path=\/; samesite=lax; httponly$/i);
    expect(await noticesTo(other.email)).toHaveLength(1);
    await login(other.email, { cookie: one.cookie });
    expect(await noticesTo(other.email)).toHaveLength(1);
  });

  test.each([
    ["forged", (cookie: string) => `${cookie.slice(0, -3)}AAA`],
    ["another's signature", (cookie: string) => cookie.replace(/=.{43}/, `=${"A".repeat(43)}`)],
    ["cut short", (cookie: string) => cookie.slice(0, -1)],
    ["empty", () => "latchkey_device="],
    ["long", () => `latchkey_device=${"a.".repeat(2000)}`],
  ])("with a cookie that is %s comes from a new device, which gets an id of its own", async (_what, spoil) => {
    const { email, cookie } = await knownPerson();
    const answer = await login(email, { cookie: spoil(cookie) });
    expect(await noticesTo(email)).toHaveLength(1);
    expect(deviceCookieOf(answer)).not.toBe(cookie);
    expect(deviceCookieOf(answer)).not.toBe(spoil(cookie));
  });

  test("by an app without cookies brings its device in the body", async () => {
    const { email } = await knownPerson();
    const first = await login(email, { body: { transport: "body" } });
    expect(first.setCookies).toEqual([]);
    const { device_id: id } = first.json.data;
    const second = await login(email, { body: { transport: "body", device_id: id } });
    expect(second.json.data.device_id).toBe(id);
    expect(await noticesTo(email)).toHaveLength(1);
  });

  test("that is refused tells and remembers nothing", async () => {
    const { email, cookie } = await knownPerson();
    const answer = await api.post("/auth/login", { body: { email, password: "not my pass phrase" } });
    expect([answer.status, answer.setCookies]).toEqual([401, []]);
    expect(await noticesTo(email)).toEqual([]);
    expect(await devicesOf(await login(email, { cookie }))).toHaveLength(1);
  });

  test("by a program that keeps no cookie is told ten times an hour at most", async () => {
    const { email } = await knownPerson();
    for (let count = 0; count < 15; count += 1) await login(email);
    expect(await noticesTo(email)).toHaveLength(9);
    clock.advance(3601);
    await login(email);
    expect(await noticesTo(email)).toHaveLength(10);
  });
});

test("a refresh says nothing of the device", async () => {
  const email = await registerPerson(api);
  const first = await login(email, { body: { transport: "body" } });
  const body = { refresh_token: first.json.data.refresh_token };
  const { json, setCookies } = await api.post("/auth/refresh", { body });
  expect([json.data.device_id, setCookies]).toEqual([undefined, []]);
});

describe("the devices of an account", () => {
  test("are the fifty seen last", async () => {
    const { email, cookie } = await knownPerson();
    for (let count = 0; count < 52; count += 1) {
      clock.advance(1);
      await login(email);
    }
    const answer = await login(email, { cookie });
    expect(await devicesOf(answer)).toHaveLength(50);
    expect((await noticesTo(email)).length, "the first one was forgotten, but the hour has enough notices").toBe(9);
  });

  test("are forgotten when their cookie must be gone", async () => {
    const { email, cookie } = await knownPerson();
    const answer = await login(email, { cookie });
    const purge = (seconds: number) => purgeExpired(contextOf(services, addSeconds(clock.now(), seconds)));
    await purge(395 * 86_400 - 1);
    expect(await devicesOf(answer)).toHaveLength(1);
    await purge(395 * 86_400);
    expect(await devicesOf(answer)).toEqual([]);
    await login(email, { cookie });
    expect(await noticesTo(email), "an account that slept is told again").toHaveLength(1);
  });
});

test("over https the cookie has a prefix, and one without it does not count", async () => {
  const { email, cookie } = await knownPerson();
  withSettings(service, { ISSUER: "https://auth.example" });
  const answer = await login(email, { cookie });
  const [, device = ""] = answer.setCookies;
  expect(device).toMatch(/^__Host-latchkey_device=.*; secure/i);
  expect(await noticesTo(email)).toHaveLength(1);
  await login(email, { cookie: device.split(";")[0] });
  expect(await noticesTo(email)).toHaveLength(1);
});

function devicesOf(answer: ApiAnswer): Promise<DevicesTable[]> {
  return services.database.queries
    .withTables<{ devices: DevicesTable }>()
    .selectFrom("devices")
    .selectAll()
    .where("user_id", "=", claimsOf(answer.json.data.access_token).sub)
    .execute();
}
