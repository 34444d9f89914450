import { describe, expect, test } from "vitest";
import { auditEvents } from "../../support/audit-events.ts";
import { claimsOf } from "../../support/clients.ts";
import { createPasskeyCalls, page } from "../../support/passkeys.ts";
import { password } from "../../support/people.ts";
import { createFactorCalls, type Challenged } from "../../support/second-factors.ts";
import { startService, withSettings } from "../../support/service.ts";
import { get, type Twist } from "../../support/webauthn.ts";

const service = await startService();
const { api, clock, logLines } = service;
const { withPasskey, passkeyOwner, shown, signInBy } = createPasskeyCalls(service);
const { protectedPerson, recoveryCodes, challenge, verify, totp } = createFactorCalls(service);
const eventsSince = auditEvents(logLines);

/** Somebody with an app and a passkey. */
async function protectedOwner(making: Twist & { doesCount?: boolean } = {}) {
  const person = await protectedPerson();
  return { ...person, ...(await withPasskey(person.device, making)) };
}

const ask = ({ mfaToken, cookie }: Challenged) =>
  api.post("/auth/mfa/passkey/options", { cookie, body: { mfa_token: mfaToken } });

/** What the owner's browser shows for a sign-in that waits. */
async function prove(begun: Challenged, owner: Awaited<ReturnType<typeof protectedOwner>>, twist: Twist = {}) {
  const answer = await ask(begun);
  expect(answer.status).toBe(200);
  return { method: "passkey", credential: get(page, answer.json.data.options, owner.passkey, twist) };
}

const codeOf = ({ status, json }: { status: number; json: { error_code?: string } }) => [status, json.error_code];

describe("20.5 a passkey as the second factor", () => {
  test("is listed after the first factor, and completes the sign-in", async () => {
    const owner = await protectedOwner();
    const begun = await challenge(owner.email);
    expect(begun.answer.json.data.methods).toEqual(["totp", "passkey"]);
    const { options } = (await ask(begun)).json.data;
    const id = owner.passkey.id.toString("base64url");
    expect(options.allowCredentials).toMatchObject([{ type: "public-key", id }]);
    const answer = await verify(begun, await prove(begun, owner));
    expect(claimsOf(answer.json.data.access_token)).toMatchObject({ acr: "phr", amr: ["pwd", "pop", "user", "mfa"] });
  });

  test("needs no verification of its user, nor that the authenticator names the account", async () => {
    const owner = await protectedOwner();
    const begun = await challenge(owner.email);
    const shownOne = await prove(begun, owner, { isUserVerified: false, userHandle: undefined });
    expect((await verify(begun, shownOne)).status).toBe(200);
  });

  test("vouches for the PIN that a security key has got since it was added", async () => {
    const key = { isBackupEligible: false, isBackedUp: false };
    const owner = await protectedOwner({ ...key, isUserVerified: false });
    const before = await signInBy(await shown(owner, key));
    expect(before.json.data.mfa_required).toBe(true);
    const begun = await challenge(owner.email);
    expect((await verify(begun, await prove(begun, owner, key))).status).toBe(200);
    expect(claimsOf((await signInBy(await shown(owner, key))).json.data.access_token).acr).toBe("phr");
  });

  test("is taken after too many wrong codes of others, which it waits for as little", async () => {
    const owner = await protectedOwner();
    withSettings(service, { RATE_LIMITS: "on", RATE_LIMIT_CREDENTIALS: "off" });
    const guesses = await challenge(owner.email);
    for (let turn = 0; turn < 5; turn += 1) await verify(guesses, { method: "totp", code: "000000" });
    const begun = await challenge(owner.email);
    expect(codeOf(await verify(begun, totp(owner)))).toEqual([429, "RATE_LIMITED"]);
    expect((await verify(begun, await prove(begun, owner))).status).toBe(200);
  });

  test("is the factor of an account without an app, where everybody needs one: nobody enrols another by the password alone", async () => {
    const owner = await passkeyOwner();
    withSettings(service, { MFA_REQUIRED: "all" });
    const login = await api.post("/auth/login", { body: { email: owner.email, password } });
    expect(login.json.data).toMatchObject({ mfa_required: true, methods: ["passkey"] });
    const cookie = login.setCookies[0]?.split(";")[0] ?? "";
    const begun = { answer: login, mfaToken: login.json.data.mfa_token, cookie };
    const enrolling = await api.post("/auth/mfa/enrolment", { cookie, body: { mfa_token: begun.mfaToken } });
    expect(codeOf(enrolling)).toEqual([401, "MFA_TOKEN_INVALID"]);
    const credential = get(page, (await ask(begun)).json.data.options, owner.passkey);
    expect((await verify(begun, { method: "passkey", credential })).status).toBe(200);
  });

  test("is asked for after the password, where everybody needs a factor: a security key that somebody found adds no app", async () => {
    const unverified = { isUserVerified: false };
    const owner = await passkeyOwner(unverified);
    withSettings(service, { MFA_REQUIRED: "all" });
    const found = await signInBy(await shown(owner, unverified));
    expect([...codeOf(found), found.json.data]).toEqual([401, "PASSKEY_INVALID", undefined]);
    const begun = await challenge(owner.email);
    expect(begun.answer.json.data.methods).toEqual(["passkey"]);
    const { options } = (await ask(begun)).json.data;
    const credential = get(page, options, owner.passkey, unverified);
    expect((await verify(begun, { method: "passkey", credential })).status).toBe(200);
  });
});

describe("20.5 refused as a second factor:", () => {
  const twists: Record<string, Twist> = {
    "another origin": { origin: "https://evil.test" },
    "another ceremony": { type: "webauthn.create" },
    "another domain": { rpId: "evil.test" },
    "no gesture": { isUserPresent: false },
    "a wrong signature": { signature: () => Buffer.alloc(70, 0x30) },
    "the user handle of another": { userHandle: Buffer.alloc(32, 5).toString("base64url") },
  };

  test.each(Object.entries(twists))("%s", async (_what, twist) => {
    const owner = await protectedOwner();
    const begun = await challenge(owner.email);
    expect(codeOf(await verify(begun, await prove(begun, owner, twist)))).toEqual([401, "MFA_CODE_INVALID"]);
    expect((await verify(begun, totp(owner))).status).toBe(200);
  });

  test("the passkey of another account, and an assertion for another sign-in, another purpose, or used before", async () => {
    const [owner, thief] = [await protectedOwner(), await protectedOwner()];
    const begun = await challenge(owner.email);
    const other = await challenge(owner.email);
    const { credential: signedIn } = await shown(owner);
    const used = await prove(other, owner);
    for (const body of [
      await prove(begun, thief),
      used,
      { method: "passkey", credential: signedIn },
      await prove(await challenge(thief.email), thief),
    ])
      expect(codeOf(await verify(begun, body))).toEqual([401, "MFA_CODE_INVALID"]);
    expect((await verify(other, used)).status).toBe(200);
    expect(codeOf(await verify(begun, used))).toEqual([401, "MFA_CODE_INVALID"]);
  });

  test("a passkey after a passkey: both are something that one has", async () => {
    const owner = await protectedOwner();
    const first = await signInBy(await shown(owner, { isUserVerified: false }));
    expect(first.json.data.methods).toEqual(["totp"]);
    const cookie = first.setCookies[0]?.split(";")[0] ?? "";
    const begun = { answer: first, mfaToken: first.json.data.mfa_token, cookie };
    expect(codeOf(await ask(begun))).toEqual([409, "NO_SECOND_FACTOR"]);
  });

  test("a count that runs backwards, which raises an alarm and leaves the token good", async () => {
    const owner = await protectedOwner({ doesCount: true });
    expect((await signInBy(await shown(owner, { count: 7 }))).status).toBe(200);
    const begun = await challenge(owner.email);
    const body = await prove(begun, owner, { count: 7 });
    const start = logLines.length;
    expect(codeOf(await verify(begun, body))).toEqual([401, "MFA_CODE_INVALID"]);
    expect(eventsSince(start)).toContain("passkey.count_reversed");
    expect((await verify(begun, await prove(begun, owner, { count: 8 }))).status).toBe(200);
  });

  test("options for a token that is none, of another device, or of an account without a passkey", async () => {
    const [owner, person] = [await protectedOwner(), await protectedPerson()];
    const begun = await challenge(owner.email);
    const stranger = await challenge(person.email);
    for (const wrong of [
      { ...begun, mfaToken: "x" },
      { ...begun, cookie: stranger.cookie },
    ])
      expect(codeOf(await ask(wrong))).toEqual([401, "MFA_TOKEN_INVALID"]);
    expect(codeOf(await ask(stranger))).toEqual([409, "NO_SECOND_FACTOR"]);
  });

  test.each([
    { method: "passkey" },
    { method: "passkey", code: "123456" },
    { method: "totp" },
    { method: "sms", code: "123456" },
  ])("%j is no proof", async (body) => {
    const begun = await challenge((await protectedPerson()).email);
    expect(codeOf(await verify(begun, body))).toEqual([422, "VALIDATION_ERROR"]);
  });

  test("a code and a credential together", async () => {
    const owner = await protectedOwner();
    const begun = await challenge(owner.email);
    const both = { ...(await prove(begun, owner)), code: "123456" };
    expect(codeOf(await verify(begun, both))).toEqual([422, "VALIDATION_ERROR"]);
  });
});

test("20.5 recovery codes stay a way in beside passkeys", async () => {
  const owner = await protectedOwner();
  const [code] = await recoveryCodes(owner);
  const begun = await challenge(owner.email);
  expect(begun.answer.json.data.methods).toEqual(["totp", "recovery", "passkey"]);
  clock.advance(1);
  expect((await verify(begun, { method: "recovery", code })).status).toBe(200);
});
