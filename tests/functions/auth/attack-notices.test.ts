// Who is told of wrong passwords: the owner of an account that is attacked, and whoever is on call.
import { describe, expect, test } from "vitest";
import type { AuditEventType } from "../../../shared/audit/event-types.ts";
import { createAccountCalls, newAddress } from "../../support/accounts.ts";
import { counting, createAttempts, newNetwork } from "../../support/attempts.ts";
import { newDevice, registerPerson } from "../../support/people.ts";
import { startService, withSettings } from "../../support/service.ts";

const settings = { ...counting, SIGN_IN_FAILURES_PER_ACCOUNT: "25", SIGN_IN_LONGEST_DELAY_MINUTES: "1" };
const service = await startService(settings);
const { api, clock, logLines } = service;
const { attempt, enter, fail, failFromEverywhere, owner } = createAttempts(service);
const { mailsTo, register } = createAccountCalls(service);

const events = (type: AuditEventType) =>
  logLines.filter((line) => line.includes(`"${type}"`)).map((line) => JSON.parse(line) as Record<string, unknown>);
const manyAddresses = (count: number) => Array.from({ length: count }, () => newAddress());

describe("the owner of an account", () => {
  test("gets one mail a day from the twentieth failure on, and none without failures", async () => {
    const email = await registerPerson(api);
    await failFromEverywhere(email, 19);
    expect(await mailsTo("sign_in_attempts", email)).toBe(0);
    await failFromEverywhere(email, 5);
    expect(await mailsTo("sign_in_attempts", email)).toBe(1);
    clock.advance(86_399);
    await failFromEverywhere(email, 2);
    expect(await mailsTo("sign_in_attempts", email)).toBe(1);
    clock.advance(1);
    expect(await enter(email, { from: newNetwork() }), "the owner, on a new device").toEqual([401, null]);
    expect(await mailsTo("sign_in_attempts", email)).toBe(2);
  });

  test.each([
    [
      "a device that the account knows",
      async () => {
        const { email, cookie } = await owner();
        return { email, show: () => attempt(email, { cookie }) };
      },
    ],
    [
      "a session",
      async () => {
        const { email, cookie, accessToken: bearer } = await newDevice(api);
        return { email, show: () => api.post("/auth/reauthenticate", { bearer, cookie, body: { password: "wrong" } }) };
      },
    ],
  ])("is told of twenty wrong passwords of %s", async (_what, begin) => {
    const { email, show } = await begin();
    for (let count = 0; count < 20; count += 1) {
      expect(await mailsTo("sign_in_attempts", email)).toBe(0);
      expect((await show()).status).toBe(401);
      clock.advance(60);
    }
    expect(await mailsTo("sign_in_attempts", email)).toBe(1);
  });

  test("is told whatever the attempts are answered: a stranger's own registration keeps nothing back", async () => {
    const [{ email }, password] = [await owner(), "a pass phrase of Mallory's"];
    withSettings(service, { ...settings, EMAIL_VERIFICATION: "required" });
    expect((await register(email, { password })).status).toBe(202);
    logLines.length = 0;
    for (let count = 0; count < 25; count += 1)
      expect((await attempt(email, { password, from: newNetwork() })).status).toBe(403);
    withSettings(service, settings);
    expect([await mailsTo("sign_in_attempts", email), events("sign_in.closed")]).toEqual([1, [expect.anything()]]);
  });

  test("sees once that it is closed to new devices", async () => {
    const { email, cookie } = await owner();
    logLines.length = 0;
    await failFromEverywhere(email, 30);
    expect(events("sign_in.closed")).toHaveLength(1);
    const body = { email, password: "correct horse battery" };
    const { access_token: bearer } = (await api.post("/auth/login", { body, cookie })).json.data;
    const { json } = await api.get("/auth/me/activity", { bearer });
    expect(json.data.events.filter(({ type }: { type: string }) => type === "sign_in.closed")).toHaveLength(1);
  });

  test("gets a mail to nobody where there is none", async () => {
    const before = await mailsTo("sign_in_attempts", null);
    await failFromEverywhere(newAddress(), 25);
    expect(await mailsTo("sign_in_attempts", null)).toBe(before + 1);
  });
});

describe("credential stuffing", () => {
  test("from one network, or one IPv6 customer's many, is slowed to an attempt a minute, and told once an hour; a known device passes", async () => {
    const [{ email, cookie }, from] = [await owner(), "2001:db8:7:ffff::1"];
    await Promise.all(manyAddresses(49).map((address, index) => fail(address, { from: `2001:db8:7:${index}::1` })));
    expect(events("sign_in.stuffing_detected")).toHaveLength(0);
    expect(await fail(newAddress(), { from }), "the fiftieth address").toEqual([401, null]);
    expect(await fail(newAddress(), { from })).toEqual([429, "60"]);
    expect(await enter(email, { from })).toEqual([429, "60"]);
    expect(await enter(email, { from, cookie })).toEqual([200, null]);
    expect(await enter(email, { from: newNetwork() })).toEqual([200, null]);
    clock.advance(60);
    expect(await fail(newAddress(), { from })).toEqual([401, null]);
    expect(await fail(newAddress(), { from })).toEqual([429, "60"]);
    const [event, ...more] = events("sign_in.stuffing_detected");
    expect([event?.["level"], event?.["reason"], event?.["address"], more]).toEqual([
      "warn",
      "one network, many addresses",
      from,
      [],
    ]);
    clock.advance(3600);
    expect(await fail(newAddress(), { from }), "an hour later").toEqual([401, null]);
    expect(await fail(newAddress(), { from })).toEqual([401, null]);
  });

  test("with one password for many addresses, from a network each, is seen too", async () => {
    logLines.length = 0;
    const password = "Winter2026!Winter2026!";
    await Promise.all(manyAddresses(49).map((address) => attempt(address, { password, from: newNetwork() })));
    expect(events("sign_in.stuffing_detected")).toHaveLength(0);
    const from = newNetwork();
    expect(await fail(newAddress(), { password, from })).toEqual([401, null]);
    expect(await fail(newAddress(), { from })).toEqual([429, "60"]);
    expect(events("sign_in.stuffing_detected")).toMatchObject([{ reason: "one password, many addresses" }]);
  });
});
