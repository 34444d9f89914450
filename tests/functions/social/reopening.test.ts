// ASVS 6.3.1: an account that is closed to strangers is opened by another way in.
import { expect, test } from "vitest";
import { counting, createAttempts, newNetwork } from "../../support/attempts.ts";
import { password } from "../../support/people.ts";
import { startSocialService } from "../../support/social.ts";

const service = await startSocialService({ ...counting, SIGN_IN_FAILURES_PER_ACCOUNT: "10" });
const { api, exchange } = service;
const { enter, failFromEverywhere } = createAttempts(service);
const ada = { sub: "ada", email: "ada@example.com", email_verified: true };

test("a sign-in at a provider opens the account's password to new devices again", async () => {
  const { access_token: bearer, refresh_token: proof } = (await exchange(ada)).json.data;
  const body = { password, refresh_token: proof };
  expect((await api.post("/auth/password/change", { bearer, body })).status).toBe(200);
  await failFromEverywhere(ada.email, 10);
  expect(await enter(ada.email, { from: newNetwork() })).toEqual([401, null]);
  expect((await exchange(ada)).status).toBe(200);
  expect(await enter(ada.email, { from: newNetwork() })).toEqual([200, null]);
});
