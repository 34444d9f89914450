import { beforeEach, describe, expect, test } from "vitest";
import { createAccountCalls } from "../../support/accounts.ts";
import { claimsOf } from "../../support/clients.ts";
import { from, limit, newNetwork } from "../../support/limits.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { createPasskeyCalls } from "../../support/passkeys.ts";
import { newDevice, password, signIn, toDevice } from "../../support/people.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api, clock, services, logLines } = service;
const { protectedPerson, provenPerson, challenge, verify, totp, wrongCode, send, askForCode, mailedCode } =
  createFactorCalls(service);
const { passkeyOwner, second: showPasskey } = createPasskeyCalls(service);
const { forgot, reset, mailed } = createAccountCalls(service);

const codeFor = async (email: string) => (await latestMail(services, "sign_in_code", email)).data.code;

/** A code that is not this one. */
const another = (code: string) => (code === "000000" ? "000001" : "000000");

describe("20.4 with MFA_EMAIL=on, a person with an app", () => {
  beforeEach(() => withSettings(service, { MFA_EMAIL: "on" }));

  test("is offered a code by mail, and signs in with it: more than one channel, but one factor", async () => {
    const { email } = await protectedPerson();
    const begun = await challenge(email);
    expect(begun.answer.json.data.methods).toEqual(["totp", "email"]);
    const sent = await askForCode(begun);
    expect([sent.status, sent.json.data]).toEqual([202, { code: "sent", expires_in: 600 }]);
    const code = await codeFor(email);
    expect(code).toMatch(/^\d{6}$/);
    const answer = await verify(begun, { method: "email", code: ` ${code.slice(0, 3)} ${code.slice(3)}` });
    expect([answer.status, answer.json.data.user.email]).toEqual([200, email]);
    expect(claimsOf(answer.json.data.access_token)).toMatchObject({ amr: ["pwd", "mca"], acr: "aal1" });
  });

  test("has ten minutes from the first code on, and the token with it", async () => {
    const person = await protectedPerson();
    const [one, two] = [await challenge(person.email), await challenge(person.email)];
    clock.advance(290);
    for (const begun of [one, two]) expect((await askForCode(begun)).json.data.expires_in).toBe(600);
    clock.advance(400);
    expect((await askForCode(one)).json.data.expires_in).toBe(200);
    const code = await codeFor(person.email);
    clock.advance(199);
    expect((await verify(one, { method: "email", code })).status).toBe(200);
    clock.advance(1);
    expect((await verify(two, totp(person))).json.error_code).toBe("MFA_TOKEN_INVALID");
  });

  test("a new code ends the one before, and a sign-in gets three", async () => {
    const { email } = await protectedPerson();
    const begun = await challenge(email);
    const codes = [];
    for (let count = 0; count < 3; count += 1) codes.push(await mailedCode(begun, email));
    const fourth = await askForCode(begun);
    expect([fourth.status, fourth.json.error_code]).toEqual([409, "MFA_METHOD_UNAVAILABLE"]);
    const [, second = "", third = ""] = codes;
    if (second !== third) expect((await verify(begun, { method: "email", code: second })).status).toBe(401);
    expect((await verify(begun, { method: "email", code: third })).status).toBe(200);
  });

  test("a code is good for its own sign-in, on its own device", async () => {
    const { email } = await protectedPerson();
    const [mine, theirs] = [await challenge(email), await challenge(email)];
    const code = await mailedCode(mine, email);
    const other = await verify(theirs, { method: "email", code });
    expect([other.status, other.json.error_code]).toEqual([401, "MFA_CODE_INVALID"]);
    for (const cookie of [theirs.cookie, ""]) {
      expect((await verify({ ...mine, cookie }, { method: "email", code })).json.error_code).toBe("MFA_TOKEN_INVALID");
      const asked = await askForCode({ ...mine, cookie });
      expect([asked.status, asked.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
    }
    expect((await verify(mine, { method: "email", code })).status).toBe(200);
  });

  test("has five tries, however many codes were mailed", async () => {
    const { email } = await protectedPerson();
    const begun = await challenge(email);
    for (let count = 0; count < 5; count += 1) {
      if (count < 3) await askForCode(begun);
      const wrong = await verify(begun, { method: "email", code: another(await codeFor(email)) });
      expect([wrong.status, wrong.json.error_code]).toEqual([401, "MFA_CODE_INVALID"]);
    }
    const late = await verify(begun, { method: "email", code: await codeFor(email) });
    expect(late.json.error_code).toBe("MFA_TOKEN_INVALID");
    expect((await askForCode(begun)).json.error_code).toBe("MFA_TOKEN_INVALID");
  });

  test("the code of one method is no code of another", async () => {
    const person = await protectedPerson();
    const begun = await challenge(person.email);
    const code = await mailedCode(begun, person.email);
    expect((await verify(begun, { ...totp(person), method: "email" })).status).toBe(401);
    expect((await verify(begun, { method: "totp", code })).status).toBe(401);
    expect((await verify(begun, { method: "recovery", code })).status).toBe(401);
  });

  test("whoever chose the password by mail gets no code by mail", async () => {
    const person = await protectedPerson();
    await forgot(person.email);
    const chosen = "seven grey herons at dawn";
    expect((await reset((await mailed("reset_password", person.email)).token, chosen)).status).toBe(200);
    const shown = { email: person.email, password: chosen };
    const first = await api.post("/auth/login", { body: shown });
    expect(first.json.data.methods).toEqual(["totp"]);
    const cookie = (first.setCookies[0] ?? "").split(";")[0] ?? "";
    const begun = { answer: first, mfaToken: first.json.data.mfa_token, cookie };
    const refused = await askForCode(begun);
    expect([refused.status, refused.json.error_code]).toEqual([409, "MFA_METHOD_UNAVAILABLE"]);
    // Until the owner chooses another one in a session.
    const signedIn = await verify(begun, totp(person));
    const device = toDevice(person.email, signedIn);
    const change = { current_password: chosen, password };
    expect((await send("POST", "/auth/password/change", device, change)).status).toBe(200);
    expect((await challenge(person.email)).answer.json.data.methods).toEqual(["totp", "email"]);
  });

  test("its calls are in the log, and no code", async () => {
    const { email } = await protectedPerson();
    const before = logLines.length;
    const begun = await challenge(email);
    const code = await mailedCode(begun, email);
    await verify(begun, { method: "email", code });
    const lines = logLines.slice(before).join("\n");
    expect(lines).toContain('"mfa.code_mailed"');
    expect(lines).not.toContain(`"${code}"`);
  });
});

describe("20.4 with MFA_EMAIL=on and MFA_REQUIRED=all, a person without a factor", () => {
  beforeEach(() => withSettings(service, { MFA_EMAIL: "on", MFA_REQUIRED: "all" }));

  test("signs in with a code by mail, if the address is proven; otherwise adds an app", async () => {
    withSettings(service, {});
    const [proven, unproven] = [await provenPerson(), await newDevice(api)];
    withSettings(service, { MFA_EMAIL: "on", MFA_REQUIRED: "all" });
    const begun = await challenge(proven.email);
    expect(begun.answer.json.data.methods).toEqual(["email"]);
    const answer = await verify(begun, { method: "email", code: await mailedCode(begun, proven.email) });
    expect(answer.status).toBe(200);
    expect(answer.json.data.user.last_login).toBe(clock.now().toISOString());
    const other = await api.post("/auth/login", { body: { email: unproven.email, password } });
    expect(other.json.data).toMatchObject({ mfa_enrolment_required: true, methods: ["totp"] });
  });
});

describe("20.4 with MFA_EMAIL=on, a person with a passkey", () => {
  test("gets no code by mail, which would stand in for the stronger one", async () => {
    const { email } = await passkeyOwner();
    withSettings(service, { MFA_EMAIL: "on", MFA_REQUIRED: "all" });
    const begun = await challenge(email);
    expect(begun.answer.json.data.methods).toEqual(["passkey"]);
    const asked = await askForCode(begun);
    expect([asked.status, asked.json.error_code]).toEqual([409, "MFA_METHOD_UNAVAILABLE"]);
  });

  test("changes nothing in a session of before the policy until it has shown the passkey", async () => {
    withSettings(service, { MFA_EMAIL: "on", MFA_REQUIRED: "off" });
    const owner = await passkeyOwner();
    const early = await signIn(api, owner.email);
    const change = { current_password: password, password: "another horse battery" };
    withSettings(service, { MFA_EMAIL: "on", MFA_REQUIRED: "all" });
    for (const [method, path, body] of [
      ["DELETE", `/auth/passkeys/${owner.passkeyId}`],
      ["POST", "/auth/mfa/totp"],
      ["POST", "/auth/email/change", { email: `elsewhere-${owner.email}` }],
      ["POST", "/auth/password/change", change],
    ] as const) {
      const refused = await send(method, path, early, body);
      expect([refused.status, refused.json.error_code], path).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
      expect(refused.json.details, path).toMatchObject({ acr_values: "aal2" });
    }
    const begun = await challenge(owner.email);
    const strong = toDevice(owner.email, await verify(begun, await showPasskey(begun, owner.passkey)));
    expect((await send("DELETE", `/auth/passkeys/${owner.passkeyId}`, strong)).status).toBe(200);
  });
});

test("20.4 with MFA_EMAIL=off nobody gets a code by mail, and one that is on its way ends", async () => {
  const { email } = await protectedPerson();
  const off = await challenge(email);
  expect(off.answer.json.data.methods).toEqual(["totp"]);
  expect((await askForCode(off)).json.error_code).toBe("MFA_METHOD_UNAVAILABLE");
  withSettings(service, { MFA_EMAIL: "on" });
  const begun = await challenge(email);
  const code = await mailedCode(begun, email);
  withSettings(service, {});
  expect((await verify(begun, { method: "email", code })).json.error_code).toBe("MFA_CODE_INVALID");
});

test("20.4 an account gets ten codes an hour from strangers, however many challenges they have", async () => {
  const { email } = await protectedPerson();
  limit(service, { MFA_EMAIL: "on" });
  const statuses = [];
  for (let count = 0; count < 12; count += 1) {
    const network = from(newNetwork());
    const begun = await challenge(email, network);
    const body = { mfa_token: begun.mfaToken };
    statuses.push(await api.post("/auth/mfa/email", { ...network, cookie: begun.cookie, body }));
  }
  expect(statuses.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 202), 429, 429]);
  expect(Number(statuses.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(3000);
  const mails = (await postedMails(services)).filter(({ to, template }) => to === email && template === "sign_in_code");
  expect(mails).toHaveLength(10);
});

test("20.4 a sign-in by a mailed code ends no count: whoever reads the mail cannot guess an app's codes on and on", async () => {
  const person = await protectedPerson();
  limit(service, { MFA_EMAIL: "on" });
  /** Each time on a network and a device that the account does not know. */
  const guess = async (body?: object) => {
    const network = from(newNetwork());
    const begun = await challenge(person.email, network);
    const call = (path: string, more: object) =>
      api.post(path, { ...network, cookie: begun.cookie, body: { mfa_token: begun.mfaToken, ...more } });
    if (body) return (await call("/auth/mfa/verify", body)).status;
    expect((await call("/auth/mfa/email", {})).status).toBe(202);
    return (await call("/auth/mfa/verify", { method: "email", code: await codeFor(person.email) })).status;
  };
  const wrong = { method: "totp", code: wrongCode(person) };
  for (let count = 0; count < 4; count += 1) expect(await guess(wrong)).toBe(401);
  expect([await guess(), await guess(wrong), await guess(wrong)]).toEqual([200, 401, 429]);
});

test("20.4 the address is told nothing before the first factor: no password, no token, no mail", async () => {
  withSettings(service, { MFA_EMAIL: "on" });
  const { email } = await protectedPerson();
  const wrong = await api.post("/auth/login", { body: { email, password: "another password" } });
  expect([wrong.status, JSON.stringify(wrong.json)]).toEqual([401, expect.not.stringContaining("methods")]);
  const asked = await api.post("/auth/mfa/email", { cookie: wrong.cookie ?? "", body: { mfa_token: "A".repeat(43) } });
  expect([asked.status, asked.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
});
