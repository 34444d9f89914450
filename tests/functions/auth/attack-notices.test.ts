// Who is told of wrong passwords: the owner of an account that is attacked, and whoever is on call.
import { describe, expect, test } from "vitest";
import type { AuditEventType } from "../../../shared/audit/audit.ts";
import { createAccountCalls, newAddress } from "../../support/accounts.ts";
import { counting, createAttempts, newNetwork } from "../../support/attempts.ts";
import { registerPerson } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const service = await startService({ ...counting, SIGN_IN_FAILURES_PER_ACCOUNT: "25" });
const { api, clock, logLines } = service;
const { attempt, enter, fail, failFromEverywhere, owner } = createAttempts(service);
const { mailsTo } = createAccountCalls(service);

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
  test("from one network is slowed to an attempt a minute, and told once an hour; a known device passes", async () => {
    const [{ email, cookie }, from] = [await owner(), newNetwork()];
    await Promise.all(manyAddresses(49).map((address) => fail(address, { from })));
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
