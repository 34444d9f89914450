import { describe, expect, test } from "vitest";
import { newDevice } from "../../support/people.ts";
import { newFacebookPerson, startFacebook } from "../../support/providers/facebook.ts";
import { withSettings } from "../../support/service.ts";
import { createBrowser, locationOf, ownOrigin, startSocialService, type Browser } from "../../support/social.ts";

const app = "https://app.example.com";
const list = [
  `${app}/`,
  `${app}/#/welcome`,
  `${app}/#/`,
  `${app}/page?tab=2#there`,
  `${app}/#`,
  "com.example.app:/done",
];
const settings = { FRONTEND_URL: app, REDIRECT_ALLOWLIST: list.join() };
const service = await startSocialService(settings);
const { api, issuer, url, authorize } = service;
const ada = { sub: "ada", email: "ada@example.com", email_verified: true };

/** The `Location` that ends a sign-in, as it stands in the header. */
async function locationAfter(target: string, change: (back: URL) => void = () => undefined): Promise<string | null> {
  issuer.person = ada;
  const browser = createBrowser();
  const back = new URL(await authorize(browser, target));
  change(back);
  return (await browser.visit(back.href)).headers.get("location");
}

const cancel = (back: URL) => back.searchParams.set("error", "access_denied");

describe("15.11 a redirect to an application ends in its own fragment, or in an empty one", () => {
  test.each([
    [app, `${app}/#`, `${app}/?error=ACCESS_DENIED#`],
    [`${app}/`, `${app}/#`, `${app}/?error=ACCESS_DENIED#`],
    [`${app}/a/b?c=d`, `${app}/a/b?c=d#`, `${app}/a/b?c=d&error=ACCESS_DENIED#`],
    [`${app}/#`, `${app}/#`, `${app}/?error=ACCESS_DENIED#`],
    [`${app}/#/`, `${app}/#/`, `${app}/?error=ACCESS_DENIED#/`],
    [`${app}/#/welcome`, `${app}/#/welcome`, `${app}/?error=ACCESS_DENIED#/welcome`],
    [`${app}/page?tab=2#there`, `${app}/page?tab=2#there`, `${app}/page?tab=2&error=ACCESS_DENIED#there`],
    ["com.example.app:/done", "com.example.app:/done#", "com.example.app:/done?error=ACCESS_DENIED#"],
  ])("%s: on success and on error", async (target, success, error) => {
    expect(await locationAfter(target)).toBe(success);
    expect(await locationAfter(target, cancel)).toBe(error);
  });

  test("also where it goes by default, and where nothing is known of the sign-in", async () => {
    issuer.person = ada;
    const browser = createBrowser();
    const sent = await browser.visit(`${url}/auth/oauth/acme/authorize`);
    const back = issuer.authorize(locationOf(sent).href).replace(ownOrigin, url);
    expect((await browser.visit(back)).headers.get("location")).toBe(`${app}/#`);
    expect((await browser.visit(back)).headers.get("location")).toBe(`${app}/?error=INVALID_STATE#`);
  });

  test("also while the provider is away, before the browser has left", async () => {
    withSettings(service, {
      ...settings,
      OIDC_ACME_ISSUER: "http://127.0.0.1:9",
      OIDC_ACME_CLIENT_ID: "i",
      OIDC_ACME_CLIENT_SECRET: "s",
    });
    const query = new URLSearchParams({ redirect_to: `${app}/#/welcome` });
    const answer = await api.get(`/auth/oauth/acme/authorize?${query.toString()}`);
    expect(answer.headers.get("location")).toBe(`${app}/?error=PROVIDER_UNAVAILABLE#/welcome`);
  });

  test("also when an identity is linked", async () => {
    const { accessToken: bearer, refreshToken } = await newDevice(api);
    const browser: Browser = createBrowser();
    const begun = await browser.visit(`${url}/auth/me/identities/acme`, {
      method: "POST",
      headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
      body: JSON.stringify({ redirect_to: `${app}/#/welcome`, refresh_token: refreshToken }),
    });
    const { data } = (await begun.json()) as { data: { authorization_url: string } };
    issuer.person = { sub: "linked" };
    const back = issuer.authorize(data.authorization_url).replace(ownOrigin, url);
    expect((await browser.visit(back)).headers.get("location")).toBe(`${app}/#/welcome`);
  });

  test("from Facebook, whose redirects end in #_=_", async () => {
    const registration = { clientId: "1482025315183771", clientSecret: "9b1c7d2e8f304a5b6c7d8e9f0a1b2c3d" };
    const redirectUris = [`${ownOrigin}/auth/oauth/facebook/callback`];
    const facebook = await startFacebook({ ...registration, redirectUris });
    facebook.person = newFacebookPerson();
    const own = { FACEBOOK_CLIENT_ID: registration.clientId, FACEBOOK_CLIENT_SECRET: registration.clientSecret };
    withSettings(service, { ...settings, ...own, FACEBOOK_BASE_URL: facebook.url });
    for (const [decide, end] of [
      [facebook.authorize, `${app}/#`],
      [facebook.deny, `${app}/?error=ACCESS_DENIED#`],
    ] as const) {
      const browser = createBrowser();
      const sent = await browser.visit(`${url}/auth/oauth/facebook/authorize`);
      const back = decide(locationOf(sent).href).replace(ownOrigin, url);
      expect(back).toMatch(/#_=_$/);
      expect((await browser.visit(back)).headers.get("location")).toBe(end);
    }
  });
});

describe("15.11 a fragment is part of an exact entry, and of no other", () => {
  test.each([
    `${app}/#/other`,
    `${app}/#/welcome/`,
    `${app}/#/welcom`,
    `${app}/#/WELCOME`,
    `${app}/?x#/welcome`,
    `${app}/below#/welcome`,
    `${app}/below/#`,
    `${app}/below#_=_`,
    `${app}/#//evil.example`,
    `${app}/page?tab=2`.replace("2", "3#there"),
    `${app}#/welcome`,
    "com.example.app:/done#",
    "https://evil.example/#/welcome",
    `https://evil.example/#${app}/`,
  ])("%s is not on the list", async (target) => {
    const answer = await api.get(`/auth/oauth/acme/authorize?redirect_to=${encodeURIComponent(target)}`);
    expect([answer.status, answer.json.error_code, answer.setCookies]).toEqual([422, "VALIDATION_ERROR", []]);
  });

  test("an entry that ends in a slash after its fragment or query admits nothing below it", async () => {
    const only = [`${app}/#/`, `${app}/?next=/`].join();
    withSettings(service, {
      ...settings,
      REDIRECT_ALLOWLIST: only,
      OIDC_ACME_ISSUER: issuer.url,
      OIDC_ACME_CLIENT_ID: "i",
      OIDC_ACME_CLIENT_SECRET: "s",
    });
    const ask = (target: string) => api.get(`/auth/oauth/acme/authorize?redirect_to=${encodeURIComponent(target)}`);
    expect((await ask(`${app}/#/`)).status).toBe(302);
    for (const below of [`${app}/#/below`, `${app}/?next=/below`, `${app}/`])
      expect((await ask(below)).status).toBe(422);
  });

  test("an app's code is sent to no URL with a fragment, though it is on the list (RFC 6749, 3.1.2)", async () => {
    const body = { code: "x", redirect_uri: `${app}/#/welcome`, code_verifier: "v".repeat(43) };
    const answer = await api.post("/auth/oauth/acme", { body });
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, "redirect_uri"]);
  });
});
