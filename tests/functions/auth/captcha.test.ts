import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { networkOf } from "../../../shared/platform/network.ts";
import { newAddress, visible } from "../../support/accounts.ts";
import { counting, createAttempts, newNetwork } from "../../support/attempts.ts";
import { startCaptchaProvider } from "../../support/captcha-provider.ts";
import { contextOf } from "../../support/context.ts";
import { latestMail } from "../../support/mails.ts";
import { newDevice, password as right, registerPerson } from "../../support/people.ts";
import { startService, withSettings } from "../../support/service.ts";

const provider = await startCaptchaProvider("turnstile");
const settings = { ...counting, ...provider.settings, SIGN_IN_FAILURES_PER_ACCOUNT: "40" };
const service = await startService(settings);
const { api, clock, logLines, services } = service;
const { attempt, fail: failFrom, owner } = createAttempts(service);

/** Where the attempts of a test come from. */
let from = "";

beforeEach(() => {
  from = newNetwork();
  provider.server.asked.length = 0;
  provider.server.faults.clear();
});

const solve = (action = "login") => provider.solve({ at: clock.now(), action });

const fail = (email: string) => failFrom(email, { from });
const required = [403, "CAPTCHA_REQUIRED"];
const welcome = [200, undefined];
const wrong = [401, "INVALID_CREDENTIALS"];

describe("a sign-in after suspicious failures", () => {
  test("needs a captcha, whose error says which; with its token it goes on", async () => {
    const email = await suspected();
    const { status, json } = await send(email, undefined);
    expect([status, json.error_code, json.details]).toEqual([
      ...required,
      { provider: "turnstile", site_key: "site-key-of-turnstile", action: "login" },
    ]);
    expect(await enter(email, solve())).toEqual(welcome);
    expect(await fail(email), "a success begins anew").toEqual([401, null]);
  });

  test("is answered alike for an address that nobody has, and whatever the password is", async () => {
    const [known, unknown] = [await registerPerson(api), newAddress()];
    for (let count = 0; count < 6; count += 1)
      expect(visible(await attempt(known, { from }))).toEqual(visible(await attempt(unknown, { from })));
    expect(visible(await send(known, undefined))).toEqual(visible(await attempt(unknown, { from })));
    expect([await enter(known, solve(), "wrong"), await enter(unknown, solve(), "wrong")]).toEqual([wrong, wrong]);
  });

  test("needs another captcha each time: one that was used, was made up, or is for something else does not count", async () => {
    const email = await suspected();
    const token = solve();
    expect(await enter(email, token, "wrong")).toEqual(wrong);
    expect(await enter(email, token)).toEqual(required);
    expect(await enter(email, "made-up")).toEqual(required);
    expect(await enter(email, solve("cancel_deletion"))).toEqual(required);
    expect(await enter(email, solve())).toEqual(welcome);
  });

  test("is not counted without its captcha, so that nobody waits for it; with one it is", async () => {
    const email = await suspected();
    for (let count = 0; count < 10; count += 1) expect(await enter(email, undefined, "wrong")).toEqual(required);
    for (let count = 0; count < 3; count += 1) {
      const two = [enter(email, "made-up", "wrong"), enter(email, "made-up", "wrong")];
      expect(await Promise.all(two), "two at once").toEqual([required, required]);
    }
    for (let count = 0; count < 2; count += 1) expect(await enter(email, solve(), "wrong")).toEqual(wrong);
    const { status, headers } = await send(email, solve());
    expect([status, headers.get("retry-after")]).toEqual([429, "1"]);
  });

  test("uses up no attempt of a slowed network without its captcha", async () => {
    const email = await registerPerson(api);
    await failAtMany(50);
    for (let count = 0; count < 3; count += 1) expect(await enter(email, undefined)).toEqual(required);
    expect(await enter(newAddress(), solve(), "wrong")).toEqual(wrong);
    expect(await enter(email, solve())).toEqual([429, "RATE_LIMITED"]);
    clock.advance(60);
    expect(await enter(email, undefined)).toEqual(required);
    expect(await enter(email, solve())).toEqual(welcome);
  });

  test("says nothing of its network and password without its captcha: nobody is slowed for them", async () => {
    const guessed = "Winter2026!Winter2026!";
    await failAtMany(11);
    for (let count = 0; count < 51; count += 1) expect(await enter(newAddress(), undefined, guessed)).toEqual(required);
    const elsewhere = { password: guessed, from: newNetwork() };
    for (let count = 0; count < 2; count += 1)
      expect(await failFrom(newAddress(), elsewhere), "with the same password").toEqual([401, null]);
    for (let count = 0; count < 2; count += 1)
      expect(await enter(newAddress(), solve(), "wrong"), "from the same network").toEqual(wrong);
  });

  test("waits out a delay before the provider is asked: a captcha shortens none, and is not used up", async () => {
    const email = await suspected();
    for (let count = 0; count < 2; count += 1) await enter(email, solve(), "wrong");
    provider.server.asked.length = 0;
    const token = solve();
    expect(await enter(email, token)).toEqual([429, "RATE_LIMITED"]);
    expect(provider.server.asked).toEqual([]);
    clock.advance(1);
    expect(await enter(email, token)).toEqual(welcome);
  });

  test.each(["hangs up", 500] as const)("is 503 while the provider %s, and counts for nothing", async (fault) => {
    const email = await suspected();
    provider.server.faults.set("/siteverify", fault);
    const { status, headers, json } = await send(email, solve());
    expect([status, json.error_code, headers.get("retry-after")]).toEqual([503, "CAPTCHA_UNAVAILABLE", "5"]);
    provider.server.faults.clear();
    expect(await enter(email, solve())).toEqual(welcome);
  });

  test("needs none from a device that the account knows", async () => {
    const { email, cookie } = await owner();
    for (let count = 0; count < 4; count += 1) expect(await failFrom(email, { from, cookie })).toEqual([401, null]);
    expect((await attempt(email, { password: right, from, cookie })).status).toBe(200);
    expect(provider.server.asked).toEqual([]);
  });

  test("fails with a captcha too once the account is closed to strangers (ASVS 6.3.1)", async () => {
    const email = await registerPerson(api);
    await guess(email, 37);
    for (let count = 0; count < 3; count += 1) await fail(email);
    expect(await enter(email, solve())).toEqual(wrong);
  });

  test("that is the one to tell the owner of tells them, although it was refused for its captcha", async () => {
    const email = await suspected();
    await guess(email, 16);
    await expect(latestMail(services, "sign_in_attempts", email)).rejects.toThrow();
    expect(await enter(email, undefined)).toEqual(required);
    expect((await latestMail(services, "sign_in_attempts", email)).id).toBeDefined();
  });

  test("leaves neither the token nor the secret in the log, which says why a captcha did not count", async () => {
    const email = await suspected();
    logLines.length = 0;
    await enter(email, "canary-token-of-mine");
    await enter(email, provider.solve({ at: clock.now(), action: "login", hostname: "evil.example.com" }));
    const refused = logLines.map((line) => JSON.parse(line)).filter(({ event }) => event === "request.refused");
    expect(refused.map(({ message }) => message)).toEqual([
      "A captcha must be solved first: the provider says invalid-input-response",
      "A captcha must be solved first: solved on another host",
    ]);
    expect(logLines.join()).not.toMatch(/canary/);
  });
});

test("keeping a deleted account needs a captcha of its own after suspicious failures", async () => {
  const { email, accessToken: bearer, cookie } = await newDevice(api);
  expect((await api.send("DELETE", "/auth/me", { bearer, cookie })).status).toBe(200);
  const keep = async (password: string, token?: string) => {
    const body = { email, password, captcha_token: token };
    const answer = await api.post("/auth/me/deletion/cancel", { body, headers: { "X-Forwarded-For": from } });
    return [answer.status, answer.json.error_code, answer.json.details?.action];
  };
  for (let count = 0; count < 3; count += 1) expect(await keep("wrong")).toEqual([...wrong, undefined]);
  expect(await keep(right)).toEqual([...required, "cancel_deletion"]);
  expect(await keep(right, solve("login"))).toEqual([...required, "cancel_deletion"]);
  expect(await keep(right, solve("cancel_deletion"))).toEqual([...welcome, undefined]);
});

describe("a sign-in that is not suspicious", () => {
  test("ignores a captcha: the provider is not asked", async () => {
    expect(await enter(await registerPerson(api), solve())).toEqual(welcome);
    expect(provider.server.asked).toEqual([]);
  });

  test.each([["x".repeat(8193)], [""], [7], [null]])("refuses a token that cannot be one (%#)", async (token) => {
    const { status, json } = await api.post("/auth/login", {
      body: { email: newAddress(), password: right, captcha_token: token },
    });
    expect([status, json.error_code]).toEqual([422, "VALIDATION_ERROR"]);
    expect(JSON.stringify(json)).not.toContain("xxx");
  });
});

test("without a provider, no sign-in needs a captcha", async () => {
  withSettings(service, counting);
  const email = await registerPerson(api);
  const codes = [];
  for (let count = 0; count < 6; count += 1) codes.push((await attempt(email, { from })).json.error_code);
  expect(codes).toEqual([...Array.from({ length: 5 }, () => "INVALID_CREDENTIALS"), "RATE_LIMITED"]);
});

/** A sign-in with a captcha. */
function send(email: string, token: string | undefined, password = right) {
  const body = { email, password, captcha_token: token };
  return api.post("/auth/login", { body, headers: { "X-Forwarded-For": from } });
}

async function enter(email: string, token: string | undefined, password = right) {
  const { status, json } = await send(email, token, password);
  return [status, json.error_code];
}

/** Guesses another password from another network each time. */
async function guess(email: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1)
    expect(await failFrom(email, { from: newNetwork(), password: `guess ${count}` })).toEqual([401, null]);
}

/** Failures at so many addresses, from the network of a test, each with a password of its own. */
async function failAtMany(addresses: number): Promise<void> {
  const [accountId, network] = [undefined, networkOf(from)];
  for (let count = 0; count < addresses; count += 1) {
    const stranger = { identifier: newAddress(), network, site: network, accountId, password: `wrong ${count}` };
    const counted = { id: newId(clock.now()), now: clock.now() };
    await services.transaction(contextOf(services), (tx) => tx.signInFailures.count(stranger, counted));
  }
}

/** Somebody whose password has been guessed wrong three times. */
async function suspected(): Promise<string> {
  const email = await registerPerson(api);
  for (let count = 0; count < 3; count += 1) expect(await fail(email)).toEqual([401, null]);
  return email;
}
