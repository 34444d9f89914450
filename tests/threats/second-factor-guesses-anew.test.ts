// 20: guesses at the codes of an app are counted together, whatever a thief begins anew for each few: sessions, or devices.
import { beforeEach, describe, expect, test } from "vitest";
import { createAccountCalls } from "../support/accounts.ts";
import { limit } from "../support/limits.ts";
import { toDevice, type Device } from "../support/people.ts";
import { createRemembering, type Remembering } from "../support/remembering.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { startService } from "../support/service.ts";

const service = await startService();
const { api, clock } = service;
const { protectedPerson, challenge, verify, totp, wrongCode, mailedCode } = createFactorCalls(service);
const { remembered, login } = createRemembering(service);
const { mailsTo } = createAccountCalls(service);

const stepUp = ({ accessToken: bearer, cookie }: Device, body: object) =>
  api.post("/auth/reauthenticate", { bearer, cookie, body });

/** A new session on a remembered device, which has shown no second factor, tries a code. */
const guessAnew = async (person: Remembering, body: object = { method: "totp", code: wrongCode(person) }) =>
  stepUp(toDevice(person.email, await login(person)), body);

// Only what counts wrong codes is to refuse here.
const settings = { SIGN_IN_FAILURES_PER_ACCOUNT: "10", RATE_LIMIT_CREDENTIALS: "off", MFA_EMAIL: "on" };
beforeEach(() => limit(service, settings));

describe("20.6 with a password and a remembered device's cookies", () => {
  test("five sessions get five guesses between them, and the owner is told", async () => {
    const person = await remembered();
    clock.advance(60);
    for (let count = 0; count < 5; count += 1)
      expect((await guessAnew(person)).json.error_code).toBe("MFA_CODE_INVALID");
    expect(await mailsTo("second_factor_attempts", person.email)).toBe(1);
    expect((await guessAnew(person, totp(person))).json.error_code).toBe("RATE_LIMITED");
    expect((await stepUp(person.session, totp(person))).status, "a session that has shown one waits for nobody").toBe(
      200,
    );
  });

  test("after too many no code is right in any such session, but at a sign-in and after it", async () => {
    const person = await remembered();
    for (let count = 0; count < 10; count += 1) {
      clock.advance(901);
      expect((await guessAnew(person)).json.error_code).toBe("MFA_CODE_INVALID");
    }
    clock.advance(901);
    expect((await guessAnew(person, totp(person))).json.error_code).toBe("MFA_CODE_INVALID");
    const signedIn = await verify(await challenge(person.email, { cookie: person.device }), totp(person));
    expect(signedIn.status).toBe(200);
    clock.advance(30);
    expect((await stepUp(toDevice(person.email, signedIn), totp(person))).status).toBe(200);
  });
});

test("20.4 devices that have shown a mailed code get five guesses between them", async () => {
  const person = await protectedPerson();
  const codes = [];
  for (let device = 0; device < 2; device += 1) {
    const begun = await challenge(person.email);
    const mailed = { method: "email", code: await mailedCode(begun, person.email) };
    expect((await verify(begun, mailed)).status).toBe(200);
    const again = await challenge(person.email, { cookie: begun.cookie });
    for (let count = 0; count < 3; count += 1)
      codes.push(
        (await verify({ ...again, cookie: begun.cookie }, { method: "totp", code: wrongCode(person) })).json.error_code,
      );
  }
  expect(codes).toEqual([...Array<string>(5).fill("MFA_CODE_INVALID"), "RATE_LIMITED"]);
});
