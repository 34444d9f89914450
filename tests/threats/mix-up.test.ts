import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createBrowser, home, issuerSettings, locationOf, ownOrigin, startSocialService } from "../support/social.ts";
import { startIssuer } from "../support/providers/issuer.ts";
import { createTestClock } from "../support/clock.ts";

// RFC 9700, section 4.4: the answer of one provider must not be taken for that of another, which would then get its code.
const evil = await startIssuer(createTestClock());
const service = await startSocialService(issuerSettings("OIDC_EVIL", evil));
const { url, issuer, authorize } = service;
const verifier = "a".repeat(43);
const challenge = createHash("sha256").update(verifier).digest("base64url");

test("an answer that comes to the callback of another provider is refused, and the code goes to neither", async () => {
  issuer.person = { sub: "victim" };
  const browser = createBrowser();
  const back = (await authorize(browser)).replace("/acme/", "/evil/");
  const asked = [issuer.asked.length, evil.asked.length];
  expect(locationOf(await browser.visit(back)).href).toBe(`${home}?error=INVALID_STATE#`);
  expect([issuer.asked.length, evil.asked.length]).toEqual(asked);
});

test("two sign-ins at two providers, whose states are exchanged, are both refused", async () => {
  issuer.person = { sub: "victim" };
  const browser = createBrowser();
  const honest = new URL(await authorize(browser));
  const sent = await browser.visit(`${url}/auth/oauth/evil/authorize`);
  const other = new URL(evil.authorize(locationOf(sent).href).replace(ownOrigin, url));
  const states = [honest, other].map(({ searchParams }) => searchParams.get("state") ?? "");
  honest.searchParams.set("state", states[1] ?? "");
  other.searchParams.set("state", states[0] ?? "");
  for (const crossed of [honest, other])
    expect(locationOf(await browser.visit(crossed.href)).href).toBe(`${home}?error=INVALID_STATE#`);
});

test("an app's code with the name of another issuer is refused before it is sent, and its own name is taken", async () => {
  const asApp = (provider: string, iss: string) => {
    const query = new URLSearchParams({ redirect_uri: home, state: "s", code_challenge: challenge });
    const back = new URL(issuer.authorize(`${issuer.url}/authorize?${query.toString()}`));
    const body = { code: back.searchParams.get("code"), redirect_uri: home, code_verifier: verifier, iss };
    return service.api.post(`/auth/oauth/${provider}`, { body });
  };
  issuer.person = { sub: "of the app" };
  const asked = evil.asked.length;
  const refused = await asApp("evil", issuer.url);
  expect([refused.status, refused.json.error_code]).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
  expect(evil.asked.slice(asked).filter((call) => call.startsWith("POST"))).toEqual([]);
  expect((await asApp("acme", evil.url)).status).toBe(401);
  expect((await asApp("acme", issuer.url)).status).toBe(200);
});

test("a provider that says who it is must say so: absent, foreign and doubled names are refused, its own is taken", async () => {
  const named = await startSocialService();
  named.issuer.document["authorization_response_iss_parameter_supported"] = true;
  named.issuer.person = { sub: "victim" };
  for (const [names, end] of [
    [[], `${home}?error=INVALID_STATE#`],
    [[evil.url], `${home}?error=INVALID_STATE#`],
    [[`${named.issuer.url}/`], `${home}?error=INVALID_STATE#`],
    [[named.issuer.url, named.issuer.url], `${home}?error=VALIDATION_ERROR#`],
    [[named.issuer.url], `${home}#`],
  ] as const) {
    const browser = createBrowser();
    const back = new URL(await named.authorize(browser));
    for (const name of names) back.searchParams.append("iss", name);
    expect(locationOf(await browser.visit(back.href)).href).toBe(end);
  }
});
