import { beforeAll, describe, expect, test } from "vitest";
import { newDevice } from "../../support/people.ts";
import { clientId } from "../../support/providers/issuer.ts";
import { createBrowser, home, locationOf, ownOrigin, startSocialService } from "../../support/social.ts";

const service = await startSocialService({ GITHUB_CLIENT_ID: "ours", GITHUB_CLIENT_SECRET: "canary-github" });
const { api, issuer, exchange, logLines } = service;
const ada = { sub: "ada", email: "ada@example.com", email_verified: true, name: "Ada" };
const verifier = "v".repeat(43);
const callback = `${ownOrigin}/auth/oauth/acme/callback`;

/** A code that the provider has sent to `redirectUri`, as an app asks for one. */
async function codeFor(redirectUri: string, nonce?: string): Promise<string> {
  const [{ authorization_endpoint: endpoint }] = (await api.get("/auth/oauth/providers")).json.data.providers;
  const { createHash } = await import("node:crypto");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const query = { client_id: clientId, redirect_uri: redirectUri, state: "s", code_challenge: challenge };
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(nonce === undefined ? query : { ...query, nonce }))
    url.searchParams.set(name, value);
  return new URL(issuer.authorize(url.href)).searchParams.get("code") ?? "";
}

const post = (body: unknown, headers = {}) => api.post("/auth/oauth/acme", { body, headers });

beforeAll(() => {
  issuer.person = ada;
});

describe("POST /auth/oauth/{provider} with a code", () => {
  test.each([home, `${home}app`, callback])("sent to %s: answers as a login does", async (redirectUri) => {
    const code = await codeFor(redirectUri);
    const answer = await post({ code, redirect_uri: redirectUri, code_verifier: verifier });
    expect([answer.status, answer.json.message]).toEqual([200, "Login successful"]);
    expect(Object.keys(answer.json.data)).toEqual(["access_token", "token_type", "expires_in", "user"]);
    expect(answer.json.data.user).toMatchObject({ email: ada.email, name: "Ada", provider: "acme" });
    expect(answer.cookie).toMatch(/^refresh_token=/);
    expect((await api.get("/auth/me", { bearer: answer.json.data.access_token })).json.data.user.name).toBe("Ada");
  });

  test('with transport "body" the refresh token is in the body, and no cookie is set', async () => {
    const code = await codeFor(home);
    const answer = await post({ code, redirect_uri: home, code_verifier: verifier, transport: "body" });
    expect(answer.setCookies).toEqual([]);
    const body = { refresh_token: answer.json.data.refresh_token };
    expect((await api.post("/auth/refresh", { body })).status).toBe(200);
  });

  test("a code is good once", async () => {
    const body = { code: await codeFor(home), redirect_uri: home, code_verifier: verifier };
    expect((await post(body)).status).toBe(200);
    const again = await post(body);
    expect([again.status, again.json.error_code]).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
  });

  test.each([
    ["another verifier", { code_verifier: "w".repeat(43) }],
    ["another redirect_uri of the list", { redirect_uri: `${home}other` }],
    ["a code of nobody's", { code: "x" }],
    ["a nonce that the id_token does not have", { nonce: "n" }],
  ])("%s: 401", async (_what, change) => {
    const body = { code: await codeFor(home), redirect_uri: home, code_verifier: verifier, ...change };
    const answer = await post(body);
    expect([answer.status, answer.json.error_code]).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
    const events = logLines.slice(-2).map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({
      event: "audit",
      type: "sign_in.failed",
      provider: "acme",
      reason: "PROVIDER_TOKEN_INVALID",
    });
  });

  test("a nonce is compared when it is given, and only then", async () => {
    for (const more of [{ nonce: "right" }, {}]) {
      const body = { code: await codeFor(home, "right"), redirect_uri: home, code_verifier: verifier, ...more };
      expect((await post(body)).status).toBe(200);
    }
    const body = { code: await codeFor(home, "right"), redirect_uri: home, code_verifier: verifier, nonce: "wrong" };
    expect((await post(body)).status).toBe(401);
  });

  test.each([
    "https://evil.example/",
    `${ownOrigin}/auth/oauth/github/callback`,
    "http://localhost:3000.evil.example/",
    "",
  ])("sent to %j, which is neither ours nor on the list: 422, and the provider is not asked", async (redirectUri) => {
    issuer.asked.length = 0;
    const answer = await post({ code: "x", redirect_uri: redirectUri, code_verifier: verifier });
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, "redirect_uri"]);
    expect(issuer.asked).toEqual([]);
  });
});

describe("POST /auth/oauth/{provider}", () => {
  const code = { code: "x", redirect_uri: home, code_verifier: verifier };
  test.each([
    ["nothing", {}, "code"],
    ["a code without redirect_uri", { code: "x", code_verifier: verifier }, "redirect_uri"],
    ["a code without code_verifier", { code: "x", redirect_uri: home }, "code_verifier"],
    ["a verifier that is too short", { ...code, code_verifier: "short" }, "code_verifier"],
    ["an id_token without nonce", { id_token: "x" }, "nonce"],
    ["an id_token with a redirect_uri", { id_token: "x", nonce: "n", redirect_uri: home }, "redirect_uri"],
    ["two credentials", { ...code, id_token: "x", nonce: "n" }, "id_token"],
    ["an access token for an OpenID provider", { access_token: "x" }, "access_token"],
    ["an empty code", { ...code, code: "" }, "code"],
    ["a code that no header or form could carry", { ...code, code: "a\r\nb" }, "code"],
    ["a token that is not ASCII", { access_token: "\u00e4" }, "access_token"],
    ["a code that is a list", { ...code, code: ["x"] }, "code"],
    ["a member that is not known", { ...code, state: "x" }, "state"],
    ["another transport", { ...code, transport: "url" }, "transport"],
  ])("%s: 422 names the field", async (_what, body, field) => {
    const answer = await post(body);
    expect([answer.status, answer.json.error_code]).toEqual([422, "VALIDATION_ERROR"]);
    expect(answer.json.details.fields.map((fault: { field: string }) => fault.field)).toContain(field);
  });

  test("an id_token for GitHub: 422", async () => {
    const answer = await api.post("/auth/oauth/github", { body: { id_token: "x", nonce: "n" } });
    expect(answer.json.details.fields).toEqual([{ field: "id_token", message: "must be a code or access_token" }]);
  });

  test.each(["google", "providers", "constructor", "%20"])("provider %s: 404", async (name) => {
    const answer = await api.post(`/auth/oauth/${name}`, { body: code });
    expect([answer.status, answer.json.error_code]).toEqual([404, "PROVIDER_NOT_CONFIGURED"]);
  });

  test("a foreign page may not sign a browser in", async () => {
    const answer = await post(code, { Origin: "https://evil.example" });
    expect([answer.status, answer.json.error_code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    expect((await post(code, { "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
  });

  test("a form is refused", async () => {
    expect((await api.post("/auth/oauth/acme", { form: { code: "x" } })).status).toBe(415);
  });

  test("a session of it refreshes, logs out and reuses as any other", async () => {
    const first = await exchange(ada);
    const body = { refresh_token: first.json.data.refresh_token };
    expect((await api.post("/auth/refresh", { body })).status).toBe(200);
    service.clock.advance(11);
    expect((await api.post("/auth/refresh", { body })).status).toBe(401);
    expect((await api.get("/auth/me", { bearer: first.json.data.access_token })).status).toBe(401);
  });

  test("a device with a password is untouched by all this", async () => {
    expect((await api.get("/auth/me", { bearer: (await newDevice(api)).accessToken })).json.data.user).toMatchObject({
      name: null,
      picture: null,
      provider: null,
    });
  });

  test("the browser flow and the app flow lead to one account", async () => {
    const browser = createBrowser();
    const end = await service.signIn(browser, ada);
    expect(end.href).toBe(`${home}#`);
    const answer = await browser.visit(`${service.url}/auth/refresh`, { method: "POST" });
    const { data } = (await answer.json()) as { data: { user: { id: string } } };
    expect(data.user.id).toBe((await exchange(ada)).json.data.user.id);
    expect(locationOf(await browser.visit(`${service.url}/auth/oauth/acme/authorize`)).origin).toBe(issuer.url);
  });
});
