import { describe, expect, test } from "vitest";
import { createAccountCalls, expectDead, newAddress } from "../../support/accounts.ts";
import type { ApiAnswer } from "../../support/api.ts";
import { meStatus, password, signIn, toDevice, type Device } from "../../support/people.ts";
import { startSocialService } from "../../support/social.ts";

const service = await startSocialService();
const { api, clock, exchange } = service;
const { register, logIn, forgot, reset, mailed, mailsTo } = createAccountCalls(service);
const another = "another pass phrase";

async function signedIn(): Promise<Device> {
  const email = newAddress();
  await register(email);
  return signIn(api, email);
}
/** Somebody who signed in at the provider and has no password. */
async function withoutPassword(): Promise<Device> {
  const email = newAddress();
  const answer = await exchange({ sub: email, email, email_verified: true });
  const { access_token: accessToken, refresh_token: refreshToken } = answer.json.data;
  return { ...toDevice(email, answer), accessToken, cookie: `refresh_token=${refreshToken}` };
}
const change = ({ accessToken, cookie }: Device, body: object): Promise<ApiAnswer> =>
  api.post("/auth/password/change", { bearer: accessToken, cookie, body });
const codeOf = ({ status, json }: ApiAnswer) => [status, json.error_code];

describe("POST /auth/password/change", () => {
  test("changes the password, ends the other sessions and all links, and tells the owner", async () => {
    const device = await signedIn();
    const other = await signIn(api, device.email);
    await forgot(device.email);
    const { token } = await mailed("reset_password", device.email);
    const answer = await change(device, { current_password: password, password: another });
    expect([answer.status, answer.json.data]).toEqual([200, { password_changed: true }]);
    expect([await meStatus(api, device), await meStatus(api, other)]).toEqual([200, 401]);
    expectDead(await reset(token, "a third pass phrase"));
    expect([(await logIn(device.email)).status, (await logIn(device.email, another)).status]).toEqual([401, 200]);
    expect(await mailed("password_changed", device.email)).toMatchObject({ isReset: false });
  });

  test("a wrong present password is 401 INVALID_CREDENTIALS, and changes nothing", async () => {
    const device = await signedIn();
    const answer = await change(device, { current_password: another, password: another });
    expect(codeOf(answer)).toEqual([401, "INVALID_CREDENTIALS"]);
    expect((await logIn(device.email)).status).toBe(200);
    expect(await mailsTo("password_changed", device.email)).toBe(0);
  });

  test("needs the session's own token beside the access token, and no recent sign-in", async () => {
    const [device, other] = [await signedIn(), await signedIn()];
    const body = { current_password: password, password: another };
    expect(codeOf(await change({ ...device, cookie: "" }, body))).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    expect(codeOf(await change({ ...device, cookie: other.cookie }, body))).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    clock.advance(20 * 60);
    expect((await change(device, body)).status).toBe(200);
  });

  test("a new password that breaks the rule is 422", async () => {
    const device = await signedIn();
    const answer = await change(device, { current_password: password, password: "too short" });
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, "password"]);
  });

  test("the present password as the new one is 422, in any Unicode form, and ends and mails nothing", async () => {
    const device = await signedIn();
    const accented = "crème brûlée and tea";
    expect((await change(device, { current_password: password, password: accented })).status).toBe(200);
    const other = toDevice(device.email, await logIn(device.email, accented));
    const body = { current_password: accented, password: accented.normalize("NFD") };
    const answer = await change(device, body);
    const fields = [{ field: "password", message: "is the present password" }];
    expect([...codeOf(answer), answer.json.details.fields]).toEqual([422, "VALIDATION_ERROR", fields]);
    expect([await meStatus(api, other), await mailsTo("password_changed", device.email)]).toEqual([200, 1]);
  });

  test("of 5 changes at once, one is made; the present password of the others is then wrong", async () => {
    const device = await signedIn();
    const chosen = Array.from({ length: 5 }, (_, count) => `a new pass phrase ${count}`);
    const answers = await Promise.all(
      chosen.map((each) => change(device, { current_password: password, password: each })),
    );
    const won = chosen.filter((_, index) => answers[index]?.status === 200);
    expect(won).toHaveLength(1);
    for (const answer of answers)
      if (answer.status !== 200) expect(codeOf(answer)).toEqual([401, "INVALID_CREDENTIALS"]);
    expect((await logIn(device.email, won[0])).status).toBe(200);
  });
});

describe("POST /auth/password/change without current_password", () => {
  test("sets the first password after a fresh sign-in; others must sign in again first", async () => {
    const device = await withoutPassword();
    clock.advance(5 * 60 + 1);
    expect(codeOf(await change(device, { password: another }))).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    const fresh = await withoutPassword();
    expect((await change(fresh, { password: another })).status).toBe(200);
    expect((await logIn(fresh.email, another)).status).toBe(200);
    expect(await mailsTo("password_changed", fresh.email)).toBe(1);
  });

  test("is no way around the present one: 422", async () => {
    const device = await signedIn();
    const answer = await change(device, { password: another });
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, "current_password"]);
    expect((await logIn(device.email, another)).status).toBe(401);
  });

  test("of two at once, one sets the password", async () => {
    const device = await withoutPassword();
    const chosen = [another, "a third pass phrase"];
    const answers = await Promise.all(chosen.map((each) => change(device, { password: each })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    const won = chosen[answers.findIndex(({ status }) => status === 200)];
    expect((await logIn(device.email, won)).status).toBe(200);
  });

  test("a present password of an account without one is wrong", async () => {
    const device = await withoutPassword();
    const answer = await change(device, { current_password: another, password: another });
    expect(codeOf(answer)).toEqual([401, "INVALID_CREDENTIALS"]);
  });
});
