import { beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { totpAt } from "../../../shared/mfa/totp.ts";
import { claimsOf } from "../../support/clients.ts";
import { latestMail } from "../../support/mails.ts";
import { password, refresh, registerPerson } from "../../support/people.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { withSettings } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";
import { createBrowser, home, issuerSettings, locationOf, startSocialService } from "../../support/social.ts";

const service = await startSocialService();
const { api, clock, services, issuer, authorize, exchange } = service;
const { prove, provenPerson, protectedPerson, challenge, verify, totp, wrongCode } = createFactorCalls(service);

const required = { ...issuerSettings("OIDC_ACME", issuer), OIDC_ACME_TRUST_EMAIL: "true", MFA_REQUIRED: "all" };

const newcomer = async () => prove(await registerPerson(api));

/** Shows the password of an account without a factor, where one is required. */
async function begin(email: string) {
  const answer = await api.post("/auth/login", { body: { email, password } });
  expect([answer.status, answer.json.data.mfa_enrolment_required]).toEqual([200, true]);
  const cookie = (answer.setCookies[0] ?? "").split(";")[0] ?? "";
  return { answer, mfaToken: answer.json.data.mfa_token as string, cookie };
}
type Begun = Awaited<ReturnType<typeof begin>>;

const enrol = ({ mfaToken, cookie }: Begun, body: object = {}) =>
  api.post("/auth/mfa/enrolment", { cookie, body: { mfa_token: mfaToken, ...body } });

const complete = ({ mfaToken, cookie }: Begun, id: string, code: string) =>
  api.post(`/auth/mfa/enrolment/${id}/confirm`, { cookie, body: { mfa_token: mfaToken, code } });

describe("20.8 with MFA_REQUIRED=all", () => {
  beforeEach(() => withSettings(service, required));

  test("a person without a factor is led to add one, and is signed in by that", async () => {
    const email = await newcomer();
    const begun = await begin(email);
    expect(begun.answer.json.data).toMatchObject({ methods: ["totp"], expires_in: 900 });
    expect(begun.answer.cookie).toMatch(/^latchkey_device=/);
    const { id, secret, qr_svg: svg } = (await enrol(begun, { name: "Phone" })).json.data;
    expect(svg).toMatch(/^<svg /);
    const wrong = await complete(begun, id, wrongCode({ secret }));
    expect([wrong.status, wrong.json.error_code]).toEqual([401, "MFA_CODE_INVALID"]);
    const answer = await complete(begun, id, totpAt(secret, clock.now()));
    expect([answer.status, answer.json.data.user.last_login]).toEqual([200, clock.now().toISOString()]);
    expect(claimsOf(answer.json.data.access_token)).toMatchObject({ acr: "aal2", amr: ["pwd", "otp", "mfa"] });
    expect((await refresh(api, answer.cookie ?? "")).status).toBe(200);
    expect((await latestMail(services, "factor_added", email)).data).toMatchObject({ name: "Phone" });
    clock.advance(30);
    expect((await verify(await challenge(email), totp({ secret }))).status).toBe(200);
  });

  test("20.2: sessions and devices from before the first app end with it", async () => {
    withSettings(service, {});
    const before = await provenPerson();
    const { sub: accountId = "" } = claimsOf(before.accessToken);
    withSettings(service, required);
    const begun = await begin(before.email);
    const { id, secret } = (await enrol(begun)).json.data;
    const answer = await complete(begun, id, totpAt(secret, clock.now()));
    expect((await refresh(api, answer.cookie ?? "")).status).toBe(200);
    expect((await refresh(api, before.cookie)).status).toBe(401);
    expect(await services.accounts.listDevices(accountId)).toHaveLength(1);
    // The link of the notice about this very sign-in is good all the same.
    const { token } = (await latestMail(services, "new_device", before.email)).data;
    const reset = { token, password: "another pass phrase" };
    expect((await api.post("/auth/password/reset", { body: reset })).status).toBe(200);
  });

  test("the token admits enrolment alone, once, on its device, while the account has no factor", async () => {
    const email = await newcomer();
    const [mine, theirs] = [await begin(email), await begin(email)];
    const { id, secret } = (await enrol(mine)).json.data;
    const planted = (await enrol(theirs)).json.data;
    for (const answer of [
      await verify({ ...mine }, totp({ secret })),
      await complete({ ...mine, cookie: theirs.cookie }, id, totpAt(secret, clock.now())),
      await enrol({ ...mine, cookie: "" }),
      await enrol({ ...mine, mfaToken: "A".repeat(43) }),
    ])
      expect([answer.status, answer.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
    expect((await complete(mine, id, totpAt(secret, clock.now()))).status).toBe(200);
    // Whoever has the first factor too, and was enrolling at the same time, gets no factor of their own.
    for (const begun of [mine, theirs]) {
      const late = await complete(begun, planted.id, totpAt(planted.secret, clock.now()));
      expect([late.status, late.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
      expect((await enrol(begun)).json.error_code).toBe("MFA_TOKEN_INVALID");
    }
  });

  test.each([
    ["a logout everywhere", "POST", "/auth/logout", { scope: "global" }],
    ["a logout of the others", "POST", "/auth/logout", { scope: "others" }],
    ["an end of the other sessions", "DELETE", "/auth/sessions", {}],
    ["a removal of an identity", "DELETE", "/auth/me/identities/acme", {}],
  ])("20.1: %s ends a sign-in that waits", async (_what, method, path, body) => {
    withSettings(service, issuerSettings("OIDC_ACME", issuer));
    const device = await provenPerson();
    const proof = { bearer: device.accessToken, cookie: device.cookie };
    const own = { id_token: await issuer.idToken({ nonce: "n", sub: device.email }), nonce: "n" };
    expect((await api.post("/auth/me/identities/acme", { ...proof, body: own })).status).toBe(200);
    withSettings(service, required);
    const begun = await begin(device.email);
    expect((await enrol(begun)).status).toBe(200);
    expect((await api.send(method, path, { ...proof, body })).status).toBe(200);
    const answer = await enrol(begun);
    expect([answer.status, answer.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
  });

  test("20.2: an address must be proven first: whoever proves it later would be out for good", async () => {
    const email = await registerPerson(api);
    const squatter = await begin(email);
    const early = await enrol(squatter);
    expect([early.status, early.json.error_code]).toEqual([403, "EMAIL_NOT_VERIFIED"]);
    await prove(email);
    const { id, secret } = (await enrol(squatter)).json.data;
    const db = services.database.queries.withTables<{ users: { email: string; email_verified_at: Date | null } }>();
    await db.updateTable("users").set({ email_verified_at: null }).where("email", "=", email).execute();
    const late = await complete(squatter, id, totpAt(secret, clock.now()));
    expect([late.status, late.json.error_code]).toEqual([403, "EMAIL_NOT_VERIFIED"]);
    await db.updateTable("users").set({ email_verified_at: clock.now() }).where("email", "=", email).execute();
    expect((await complete(squatter, id, totpAt(secret, clock.now()))).status).toBe(200);
  });

  test("of 20 that complete it at once, one is signed in", async () => {
    const begun = await begin(await newcomer());
    const { id, secret } = (await enrol(begun)).json.data;
    const code = totpAt(secret, clock.now());
    const answers = await Promise.all(Array.from({ length: 20 }, () => complete(begun, id, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("an app of somebody else, or none, is not confirmed", async () => {
    const [one, other] = [await begin(await newcomer()), await begin(await newcomer())];
    const { id, secret } = (await enrol(other)).json.data;
    const answer = await complete(one, id, totpAt(secret, clock.now()));
    expect([answer.status, answer.json.error_code]).toEqual([404, "NOT_FOUND"]);
  });

  test("the token is good for 15 minutes", async () => {
    const begun = await begin(await newcomer());
    clock.advance(899);
    const { id, secret } = (await enrol(begun)).json.data;
    clock.advance(1);
    expect((await complete(begun, id, totpAt(secret, clock.now()))).json.error_code).toBe("MFA_TOKEN_INVALID");
  });

  test("a sign-in at a provider leads there too, and has signed nobody in", async () => {
    const person = { sub: "new", email: "new@example.com", email_verified: true, name: "Ada" };
    const browser = createBrowser();
    issuer.person = person;
    const back = await browser.visit(await authorize(browser));
    expect(locationOf(back).href).toBe(`${home}?mfa_enrolment_required=totp#`);
    expect(browser.cookies.has("refresh_token")).toBe(false);
    const { data } = (await exchange(person)).json;
    expect(data).toMatchObject({ mfa_enrolment_required: true, device_id: expect.any(String) });
    const db = services.database.queries.withTables<{ users: { email: string; last_login_at: Date | null } }>();
    const found = db.selectFrom("users").select("last_login_at").where("email", "=", person.email);
    expect(await found.execute()).toEqual([{ last_login_at: null }]);
  });

  test("whoever has a factor shows it as ever", async () => {
    const person = await protectedPersonWithoutPolicy();
    expect((await verify(await challenge(person.email), totp(person))).status).toBe(200);
  });

  async function protectedPersonWithoutPolicy() {
    withSettings(service, {});
    const person = await protectedPerson();
    withSettings(service, required);
    return person;
  }
});

test("with MFA_REQUIRED=off no token admits enrolment", async () => {
  const { mfaToken, cookie } = await challenge((await protectedPerson()).email);
  const answer = await api.post("/auth/mfa/enrolment", { cookie, body: { mfa_token: mfaToken } });
  expect([answer.status, answer.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
});

test.each([
  ["admins", "admins needs roles"],
  ["yes", "must be off or all"],
])("MFA_REQUIRED=%s is refused with a reason", (value, reason) => {
  expect(() => loadConfig({ ...testSettings, MFA_REQUIRED: value })).toThrow(reason);
});
