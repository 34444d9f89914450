// 20: whatever completes a sign-in works once: on one instance, on another, and of fifty callers at once for one.
import { describe, expect, test } from "vitest";
import { provideServices } from "../../shared/services.ts";
import type { ApiAnswer } from "../support/api.ts";
import { createFactorCalls, type Challenged, type Protected } from "../support/second-factors.ts";
import { createTestServices, startService } from "../support/service.ts";

const service = await startService({ MFA_EMAIL: "on" });
const { services, database, clock } = service;
const other = (await createTestServices({ MFA_EMAIL: "on" }, database)).services;
const { protectedPerson, recoveryCodes, challenge, verify, totp, mailedCode } = createFactorCalls(service);

/** From here on this instance answers, at the time of the first. */
const answerWith = (instance: typeof services) => provideServices({ ...instance, clock });

/** What may be shown twice: with a new challenge, unless the challenge itself, or what is bound to it, is repeated. */
const shown: Record<string, (person: Protected) => Promise<(turn: number) => Promise<[Challenged, object]>>> = {
  TOTP: async (person) => {
    const code = totp(person);
    return async () => [await challenge(person.email), code];
  },
  "a recovery code": async (person) => {
    const [code] = await recoveryCodes(person);
    return async () => [await challenge(person.email), { method: "recovery", code }];
  },
  "a code by mail": async (person) => {
    const begun = await challenge(person.email);
    const code = await mailedCode(begun, person.email);
    return async () => [begun, { method: "email", code }];
  },
  "an mfa_token": async (person) => {
    const codes = await recoveryCodes(person);
    const begun = await challenge(person.email);
    // Each time another code that is good.
    return async (turn) => [begun, { method: "recovery", code: codes[turn % codes.length] }];
  },
};

describe.each(Object.entries(shown))("%s", (_what, prepare) => {
  test("works once on the same instance", async () => {
    const next = await prepare(await protectedPerson());
    const answers = [];
    for (let turn = 0; turn < 3; turn += 1) answers.push(await verify(...(await next(turn))));
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401]);
  });

  test("works once on two instances", async () => {
    const next = await prepare(await protectedPerson());
    const answers = [];
    for (let turn = 0; turn < 4; turn += 1) {
      answerWith(turn % 2 === 0 ? services : other);
      answers.push(await verify(...(await next(turn))));
    }
    answerWith(services);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 401]);
  });

  test("works once for 50 at once", async () => {
    const next = await prepare(await protectedPerson());
    const calls = [];
    for (let turn = 0; turn < 50; turn += 1) calls.push(await next(turn));
    const answers = await Promise.all(calls.map((call) => verify(...call)));
    expect(successes(answers)).toBe(1);
    const codes = new Set(answers.filter(({ status }) => status !== 200).map(({ json }) => json.error_code));
    expect([...codes].every((code) => code === "MFA_CODE_INVALID" || code === "MFA_TOKEN_INVALID")).toBe(true);
  });
});

const successes = (answers: readonly ApiAnswer[]) => answers.filter(({ status }) => status === 200).length;
