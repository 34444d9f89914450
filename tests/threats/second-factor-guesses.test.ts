// 20, ASVS 6.3.1, NIST SP 800-63B-4 3.2.2: whoever has the first factor gets no more guesses at the second than are allowed.
import { beforeEach, describe, expect, test } from "vitest";
import { newRecoveryCodes } from "../../shared/mfa/recovery-codes.ts";
import { createAccountCalls } from "../support/accounts.ts";
import { from, limit, newNetwork } from "../support/limits.ts";
import { password } from "../support/people.ts";
import { createFactorCalls, type Challenged, type Protected } from "../support/second-factors.ts";
import { startService } from "../support/service.ts";

const service = await startService();
const { api, clock } = service;
const { protectedPerson, recoveryCodes, challenge, verify, totp, wrongCode } = createFactorCalls(service);
const { mailsTo, forgot, reset, mailed } = createAccountCalls(service);

/** Whoever has the password, on a device and a network of their own. */
const guesser = async ({ email }: Protected, given = password) => {
  const network = from(newNetwork());
  const answer = await api.post("/auth/login", { ...network, body: { email, password: given } });
  const cookie = (answer.setCookies[0] ?? "").split(";")[0] ?? "";
  return { answer, mfaToken: answer.json.data.mfa_token as string, cookie, ...network };
};
const guess = ({ mfaToken, cookie, headers }: Awaited<ReturnType<typeof guesser>>, body: object) =>
  api.post("/auth/mfa/verify", { ...(headers && { headers }), cookie, body: { mfa_token: mfaToken, ...body } });

/** Types wrong codes, each as soon as the delay admits it. */
async function fail(person: Protected, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    clock.advance(901);
    const answer = await guess(await guesser(person), { method: "totp", code: wrongCode(person) });
    expect(answer.json.error_code).toBe("MFA_CODE_INVALID");
  }
}

describe("20 with the password of somebody else", () => {
  beforeEach(() => limit(service, { SIGN_IN_FAILURES_PER_ACCOUNT: "10" }));

  test("20 guessers at once get five guesses between them, and the owner is told", async () => {
    const person = await protectedPerson();
    const guessers = [];
    for (let count = 0; count < 20; count += 1) guessers.push(await guesser(person));
    const calls = guessers.flatMap((one) => Array.from({ length: 5 }, () => one));
    const answers = await Promise.all(calls.map((one) => guess(one, { method: "totp", code: wrongCode(person) })));
    const codes = answers.map(({ json }) => json.error_code as string);
    expect(codes.filter((code) => code === "MFA_CODE_INVALID")).toHaveLength(5);
    expect(new Set(codes)).toEqual(new Set(["MFA_CODE_INVALID", "RATE_LIMITED"]));
    expect(await mailsTo("second_factor_attempts", person.email)).toBe(1);
    // What was not looked at costs the owner no try of the same challenge.
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
    clock.advance(61);
    const one = guessers.at(-1);
    expect(one && (await guess(one, totp(person))).status).toBe(200);
  });

  test("a right code begins the count anew", async () => {
    const person = await protectedPerson();
    await fail(person, 8);
    clock.advance(901);
    expect((await guess(await guesser(person), totp(person))).status).toBe(200);
    await fail(person, 5);
    clock.advance(901);
    expect((await guess(await guesser(person), totp(person))).status).toBe(200);
  });

  test("after as many as are allowed in a row no code of an app is right, but a recovery code is", async () => {
    const person = await protectedPerson();
    const [code] = await recoveryCodes(person);
    await fail(person, 10);
    clock.advance(901);
    const late = await guess(await guesser(person), totp(person));
    expect([late.status, late.json.error_code]).toEqual([401, "MFA_CODE_INVALID"]);
    clock.advance(901);
    expect((await guess(await guesser(person), { method: "recovery", code })).status).toBe(200);
    clock.advance(30);
    expect((await guess(await guesser(person), totp(person))).status).toBe(200);
  });

  test("the owner's own devices wait for nobody, and their sign-ins give nobody more guesses", async () => {
    const person = await protectedPerson();
    const { cookie } = await challenge(person.email);
    const own = () => challenge(person.email, { cookie });
    expect((await verify(await own(), totp(person))).status).toBe(200);
    for (let round = 0; round < 3; round += 1) {
      await fail(person, 4);
      clock.advance(60);
      expect((await verify(await own(), totp(person))).status).toBe(200);
    }
    clock.advance(901);
    expect((await guess(await guesser(person), totp(person))).json.error_code).toBe("MFA_CODE_INVALID");
    expect((await verify(await own(), totp(person))).status).toBe(200);
    // A device that fails as often is closed, too, but no other.
    for (let count = 0; count < 10; count += 1) {
      clock.advance(901);
      await verify(await own(), { method: "totp", code: wrongCode(person) });
    }
    clock.advance(901);
    expect((await verify(await own(), totp(person))).json.error_code).toBe("MFA_CODE_INVALID");
  });

  test("no delay keeps a recovery code from being taken", async () => {
    const person = await protectedPerson();
    const [code] = await recoveryCodes(person);
    await fail(person, 9);
    const begun = await guesser(person);
    expect((await guess(begun, totp(person))).status).toBe(429);
    expect((await guess(begun, { method: "recovery", code })).status).toBe(200);
  });

  test.each([
    ["recovery codes of the right form", async () => ({ method: "recovery", code: newRecoveryCodes()[0] })],
    [
      "a code that was used",
      async (person: Protected) => {
        const used = totp(person);
        expect((await verify(await challenge(person.email), used)).status).toBe(200);
        return used;
      },
    ],
  ])("%s are told to the owner as others are", async (_what, given) => {
    const person = await protectedPerson();
    const body = await given(person);
    const begun = await guesser(person);
    const codes = [];
    for (let count = 0; count < 5; count += 1) codes.push((await guess(begun, body)).json.error_code);
    expect(codes).toEqual(Array(5).fill("MFA_CODE_INVALID"));
    expect(await mailsTo("second_factor_attempts", person.email)).toBe(1);
  });

  test("neither a right password nor a new one by mail gives more guesses", async () => {
    const person = await protectedPerson();
    await fail(person, 10);
    await forgot(person.email);
    const { token } = await mailed("reset_password", person.email);
    expect((await reset(token, "seven grey herons at dawn")).status).toBe(200);
    const begun = await guesser(person, "seven grey herons at dawn");
    expect((await guess(begun, totp(person))).status).toBe(429);
    clock.advance(60);
    expect((await guess(begun, totp(person))).json.error_code).toBe("MFA_CODE_INVALID");
  });
});

test("a reset never bypasses the second factor, and ends what waits for one", async () => {
  const person = await protectedPerson();
  const waiting: Challenged = await challenge(person.email);
  await forgot(person.email);
  const { token } = await mailed("reset_password", person.email);
  const answer = await reset(token, "seven grey herons at dawn");
  expect([answer.status, answer.json.data, answer.cookie]).toEqual([200, { password_changed: true }, undefined]);
  const late = await api.post("/auth/mfa/verify", {
    cookie: waiting.cookie,
    body: { mfa_token: waiting.mfaToken, ...totp(person) },
  });
  expect(late.json.error_code).toBe("MFA_TOKEN_INVALID");
  const again = await guesser(person, "seven grey herons at dawn");
  expect(again.answer.json.data.mfa_required).toBe(true);
});
