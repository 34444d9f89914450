// ASVS 6.3.1: what wrong passwords lead to, for strangers and for the owner.
import { describe, expect, test } from "vitest";
import { purgeExpired } from "../../../shared/flows/maintenance/purge.ts";
import { createAccountCalls, newAddress, visible } from "../../support/accounts.ts";
import { counting, createAttempts, newNetwork } from "../../support/attempts.ts";
import { contextOf } from "../../support/context.ts";
import { registerPerson } from "../../support/people.ts";
import { startService, withSettings } from "../../support/service.ts";

const most = 12;
const settings = { ...counting, SIGN_IN_FAILURES_PER_ACCOUNT: String(most) };
const service = await startService(settings);
const { api, clock, services } = service;
const { attempt, enter, fail, failFromEverywhere } = createAttempts(service);
const { forgot, mailed, register } = createAccountCalls(service);

const welcome = [200, null];
const wrong = [401, null];

describe("wrong passwords for an address from one network", () => {
  test("are free five times, then wait 1, 2, 4 seconds and so on", async () => {
    const email = await registerPerson(api);
    for (let count = 0; count < 5; count += 1) expect(await fail(email)).toEqual(wrong);
    for (const seconds of [1, 2, 4]) {
      expect(await fail(email)).toEqual([429, String(seconds)]);
      clock.advance(seconds - 0.001);
      expect(await enter(email), "the right one waits too").toEqual([429, "1"]);
      clock.advance(0.001);
      expect(await fail(email)).toEqual(wrong);
    }
    expect(await fail(email, { from: newNetwork() }), "another network").toEqual(wrong);
    clock.advance(8);
    expect([await enter(email), await fail(email)], "a success begins anew").toEqual([welcome, wrong]);
  });

  test("count for the mailbox, however it is spelt", async () => {
    const email = await registerPerson(api);
    for (const spelling of [email, email.toUpperCase(), ` ${email}`, `${email} `, email])
      expect(await fail(spelling)).toEqual(wrong);
    expect(await fail(email.replace("@e", "@E"))).toEqual([429, "1"]);
  });

  test("of 50 at once, five are verified", async () => {
    const email = await registerPerson(api);
    const answers = await Promise.all(Array.from({ length: 50 }, () => attempt(email)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(45);
  });

  test("are answered alike for an address that nobody has", async () => {
    const [known, unknown] = [await registerPerson(api), newAddress()];
    for (const seconds of [0, 0, 0, 0, 0, 0, 1, 0, 2]) {
      clock.advance(seconds);
      expect(visible(await attempt(known))).toEqual(visible(await attempt(unknown)));
    }
  });
});

describe(`after ${most} wrong passwords from unknown devices`, () => {
  test("the right one is a wrong one there, and a password that is chosen by mail opens the account again", async () => {
    const email = await registerPerson(api);
    await failFromEverywhere(email, most - 1);
    expect(await enter(email, { from: newNetwork() }), "one is left").toEqual(welcome);
    await failFromEverywhere(email, most);
    const [right, bad] = [
      await attempt(email, { password: "correct horse battery", from: newNetwork() }),
      await attempt(email, { from: newNetwork() }),
    ];
    expect(visible(right)).toEqual(visible(bad));
    const here = newNetwork();
    for (let count = 0; count < 5; count += 1) await fail(email, { from: here });
    expect(await enter(email, { from: here })).toEqual([429, "1"]);
    await forgot(email);
    const { token } = await mailed("reset_password", email);
    const password = "another pass phrase";
    const reset = { body: { token, password }, headers: { "X-Forwarded-For": here } };
    expect((await api.post("/auth/password/reset", reset)).status).toBe(200);
    expect(await enter(email, { password, from: here }), "without any delay").toEqual(welcome);
  });
});

test("whoever has registered an address learns by its closing nothing of an account there, before and after the nightly purge", async () => {
  const [known, unknown, password] = [await registerPerson(api), newAddress(), "a pass phrase of Mallory's"];
  withSettings(service, { ...settings, EMAIL_VERIFICATION: "required" });
  const answers = async () => {
    const tried = [];
    for (const email of [known, unknown]) tried.push(visible(await attempt(email, { password, from: newNetwork() })));
    return tried;
  };
  for (const email of [known, unknown]) {
    expect((await register(email, { password })).status).toBe(202);
    await failFromEverywhere(email, most);
  }
  const [closed, alike] = await answers();
  expect([closed, alike]).toEqual([expect.objectContaining({ status: 401 }), closed]);
  clock.advance(2 * 86_400);
  await purgeExpired(contextOf(services));
  const [later, alikeToo] = await answers();
  expect([later, alikeToo]).toEqual([expect.objectContaining({ status: 401 }), later]);
});
