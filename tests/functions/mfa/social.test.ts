import { describe, expect, test } from "vitest";
import { claimsOf } from "../../support/clients.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { withSettings } from "../../support/service.ts";
import {
  createBrowser,
  home,
  issuerSettings,
  locationOf,
  startSocialService,
  whoIs,
  type Browser,
} from "../../support/social.ts";

const service = await startSocialService();
const { api, url, clock, issuer, exchange, signIn, authorize } = service;
const { withApp, totp } = createFactorCalls(service);

let people = 0;

/** A person at the provider whose account has an app. */
async function protectedPerson() {
  people += 1;
  const person = { sub: `ada${people}`, email: `ada${people}@example.com`, email_verified: true, name: "Ada" };
  const { access_token: accessToken, refresh_token: refreshToken } = (await exchange(person)).json.data;
  const device = { email: person.email, accessToken, refreshToken, cookie: `refresh_token=${refreshToken}` };
  const app = await withApp(device);
  clock.advance(60);
  return { person, ...app };
}

const verifyIn = (browser: Browser, body: object) =>
  browser.visit(`${url}/auth/mfa/verify`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

describe("20.1 a sign-in at a provider, where a second factor is due,", () => {
  test("answers an app with what is due, and the second factor completes it", async () => {
    const { person, secret } = await protectedPerson();
    const answer = await exchange(person);
    expect(answer.json.data).toMatchObject({ mfa_required: true, methods: ["totp"], expires_in: 300 });
    const { mfa_token: token, device_id: device } = answer.json.data;
    const shown = { mfa_token: token, device_id: device, transport: "body", ...totp({ secret }) };
    const done = await api.post("/auth/mfa/verify", { body: shown });
    expect(claimsOf(done.json.data.access_token)).toMatchObject({ amr: ["otp", "mfa"], acr: "aal2" });
  });

  test("tells a browser's page, which goes on with a cookie that no script reads and no URL shows", async () => {
    const { person, secret } = await protectedPerson();
    const browser = createBrowser();
    issuer.person = person;
    const answer = await browser.visit(await authorize(browser, `${home}welcome?tab=2`));
    expect(locationOf(answer).href).toBe(`${home}welcome?tab=2&mfa_required=totp#`);
    expect(answer.headers.getSetCookie()).toContainEqual(
      expect.stringMatching(/^mfa_token=[\w-]{43}; max-age=300; path=\/; samesite=lax; httponly$/),
    );
    expect(browser.cookies.has("refresh_token")).toBe(false);
    expect((await verifyIn(createBrowser(), totp({ secret }))).status).toBe(401);
    expect((await verifyIn(browser, totp({ secret }))).status).toBe(200);
    expect(browser.cookies.has("mfa_token")).toBe(false);
    expect((await whoIs(service, browser))?.user).toMatchObject({ email: person.email });
  });

  test("changes nothing before: neither what the provider says, nor the time of the last sign-in", async () => {
    const { person, device } = await protectedPerson();
    const me = async () => (await api.get("/auth/me", { bearer: device.accessToken })).json.data;
    const before = await me();
    await signIn(createBrowser(), { ...person, name: "Eve", picture: "https://eve.example/x.png" });
    expect(await me()).toEqual(before);
  });

  test("20.4 gets no code by mail: the provider may be the one that keeps the mailbox", async () => {
    withSettings(service, { ...issuerSettings("OIDC_ACME", issuer), OIDC_ACME_TRUST_EMAIL: "true", MFA_EMAIL: "on" });
    const { data } = (await exchange((await protectedPerson()).person)).json;
    expect(data.methods).toEqual(["totp"]);
    const body = { mfa_token: data.mfa_token, device_id: data.device_id };
    expect((await api.post("/auth/mfa/email", { body })).json.error_code).toBe("MFA_METHOD_UNAVAILABLE");
  });

  test("gives an account no other identity by its address alone", async () => {
    const { person } = await protectedPerson();
    const answer = await exchange({ ...person, sub: "another" }, "acme");
    expect([answer.status, answer.json.error_code]).toEqual([409, "LINK_REQUIRES_PROOF"]);
  });

  test("is as old as the sign-in at the provider: a second factor does not make it fresh", async () => {
    const { person, secret } = await protectedPerson();
    const signedInAt = Math.floor(clock.now().getTime() / 1000) - 3600;
    const answer = await exchange({ ...person, auth_time: signedInAt });
    const { mfa_token: token, device_id: device } = answer.json.data;
    const shown = { mfa_token: token, device_id: device, transport: "body", ...totp({ secret }) };
    const done = await api.post("/auth/mfa/verify", { body: shown });
    expect(claimsOf(done.json.data.access_token)).toMatchObject({ auth_time: signedInAt });
  });
});

describe("20.7 a sign-in at a provider, on a device that is remembered,", () => {
  test("signs a browser in, as it does without a second factor, and says none", async () => {
    const { person, secret } = await protectedPerson();
    const browser = createBrowser();
    issuer.person = person;
    await browser.visit(await authorize(browser));
    expect((await verifyIn(browser, { ...totp({ secret }), remember: true })).status).toBe(200);
    const answer = await browser.visit(await authorize(browser));
    expect(locationOf(answer).href).toBe(`${home}#`);
    const signedIn = await whoIs(service, browser);
    expect(claimsOf(signedIn?.access_token ?? "")).toMatchObject({ acr: "aal1", amr: [] });
    browser.cookies.delete("latchkey_device");
    expect(locationOf(await browser.visit(await authorize(browser))).searchParams.get("mfa_required")).toBe("totp");
  });

  test("signs an app in that sends its `remember_token`", async () => {
    const { person, secret } = await protectedPerson();
    const { mfa_token: token, device_id: device } = (await exchange(person)).json.data;
    const shown = { mfa_token: token, device_id: device, transport: "body", remember: true, ...totp({ secret }) };
    const { remember_token: remembered } = (await api.post("/auth/mfa/verify", { body: shown })).json.data;
    const idToken = await issuer.idToken({ nonce: "n", ...person });
    const grant = { id_token: idToken, nonce: "n", transport: "body", device_id: device };
    const again = await api.post("/auth/oauth/acme", { body: { ...grant, remember_token: remembered } });
    expect(claimsOf(again.json.data.access_token)).toMatchObject({ acr: "aal1", amr: [] });
    expect((await api.post("/auth/oauth/acme", { body: grant })).json.data.mfa_required).toBe(true);
  });
});
