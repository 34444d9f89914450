// A stranger who guesses passwords must not be able to lock an owner out, nor guess on with the owner's help.
import { describe, expect, test } from "vitest";
import { createAccountCalls } from "../support/accounts.ts";
import { counting, createAttempts, newNetwork } from "../support/attempts.ts";
import { password as right } from "../support/people.ts";
import { startService } from "../support/service.ts";

const most = 12;
const service = await startService({ ...counting, SIGN_IN_FAILURES_PER_ACCOUNT: String(most) });
const { api, clock } = service;
const { forgot, mailed, verify } = createAccountCalls(service);
const { attempt, enter, fail, failFromEverywhere, owner } = createAttempts(service);

const welcome = [200, null];
const wrong = [401, null];

describe("an owner whose account is attacked", () => {
  test("signs in from a device that the account knows, whatever the network", async () => {
    const { email, cookie } = await owner();
    for (let count = 0; count < 6; count += 1) await fail(email);
    expect(await enter(email)).toEqual([429, "1"]);
    expect(await enter(email, { cookie })).toEqual(welcome);
    await failFromEverywhere(email, most);
    expect(await enter(email, { from: newNetwork() }), "closed to strangers").toEqual(wrong);
    expect(await enter(email, { cookie })).toEqual(welcome);
    expect(await enter(email, { from: newNetwork() }), "which opens it to nobody else").toEqual(wrong);
  });

  test("has to wait for the wrong passwords of this device alone, of which there are so many", async () => {
    const [{ email, cookie }, other] = [await owner(), await owner()];
    for (let count = 0; count < 5; count += 1) expect(await fail(email, { cookie })).toEqual(wrong);
    expect(await fail(email, { cookie, from: newNetwork() }), "whatever the network").toEqual([429, "1"]);
    expect([await enter(email), await enter(other.email, { cookie: other.cookie })]).toEqual([welcome, welcome]);
    clock.advance(1);
    for (let count = 5; count < most; count += 1) {
      expect(await fail(email, { cookie })).toEqual(wrong);
      clock.advance(900);
    }
    expect(await enter(email, { cookie }), "a stolen device").toEqual(wrong);
    expect(await enter(email), "another one").toEqual(welcome);
  });

  test("who chooses a new password by mail makes strangers of all devices but this one", async () => {
    const { email, cookie } = await owner();
    await verify({ token: (await mailed("verify_email", email)).token });
    const here = (await attempt(email, { password: right })).setCookies.find((each) =>
      each.startsWith("latchkey_device="),
    );
    await forgot(email);
    const { token } = await mailed("reset_password", email);
    const password = "another pass phrase";
    const chosen = await api.post("/auth/password/reset", { body: { token, password }, cookie: here?.split(";")[0] });
    expect(chosen.status).toBe(200);
    for (let count = 0; count < 5; count += 1) await fail(email);
    expect(await enter(email, { cookie, password }), "perhaps a thief's").toEqual([429, "1"]);
    expect(await enter(email, { cookie: here?.split(";")[0], password })).toEqual(welcome);
  });

  test("is not helped by a device that another account knows", async () => {
    const [{ email }, { cookie }] = [await owner(), await owner()];
    for (let count = 0; count < 5; count += 1) await fail(email);
    expect(await enter(email, { cookie })).toEqual([429, "1"]);
  });
});
