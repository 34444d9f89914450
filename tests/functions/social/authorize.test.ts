import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createBrowser, home, locationOf, ownOrigin, startSocialService } from "../../support/social.ts";
import { startService } from "../../support/service.ts";

const list = `${home},https://app.example.com/done,https://app.example.com/in/,com.example.app:/signed-in`;
const service = await startSocialService({
  REDIRECT_ALLOWLIST: list,
  GITHUB_CLIENT_ID: "ours",
  GITHUB_CLIENT_SECRET: "canary-github",
});
const { api, url, issuer, logLines } = service;
const authorize = (target: string) => api.get(`/auth/oauth/acme/authorize?redirect_to=${encodeURIComponent(target)}`);

describe("GET /auth/oauth/{provider}/authorize", () => {
  test("sends the browser to the provider with state, nonce and PKCE, and binds them to it by a cookie", async () => {
    const browser = createBrowser();
    const answer = await browser.visit(`${url}/auth/oauth/acme/authorize?redirect_to=${home}`);
    const location = locationOf(answer);
    expect([answer.status, location.origin + location.pathname]).toEqual([302, `${issuer.url}/authorize`]);
    const query = Object.fromEntries(location.searchParams);
    expect(query).toEqual({
      tenant: "x",
      response_type: "code",
      client_id: "latchkey-at-the-issuer",
      redirect_uri: `${ownOrigin}/auth/oauth/acme/callback`,
      scope: "openid profile email",
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    const [name = "", sealed = ""] = [...browser.cookies][0] ?? [];
    expect(answer.headers.getSetCookie()).toEqual([`${name}=${sealed}; max-age=600; path=/; samesite=lax; httponly`]);
    const attempt = await service.services.social.attempts.open(sealed, service.clock.now());
    const challenge = createHash("sha256")
      .update(attempt?.codeVerifier ?? "")
      .digest("base64url");
    expect(attempt).toMatchObject({ provider: "acme", state: query["state"], nonce: query["nonce"] });
    expect(query["code_challenge"]).toBe(challenge);
    expect(JSON.stringify(query) + atob(sealed.split(".")[0] ?? "")).not.toContain(attempt?.codeVerifier);
  });

  test("no two attempts share anything", async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const { searchParams } = new URL((await authorize(home)).headers.get("location") ?? "");
      for (const name of ["state", "nonce", "code_challenge"]) seen.add(searchParams.get(name) ?? "");
    }
    expect(seen.size).toBe(60);
  });

  test("GitHub gets PKCE too, and no nonce, which is OpenID's", async () => {
    const answer = await api.get("/auth/oauth/github/authorize");
    const { origin, pathname, searchParams } = new URL(answer.headers.get("location") ?? "");
    expect(origin + pathname).toBe("https://github.com/login/oauth/authorize");
    expect([searchParams.get("code_challenge_method"), searchParams.has("nonce")]).toEqual(["S256", false]);
    expect(searchParams.get("scope")).toBe("read:user user:email");
  });

  test("a click on a page of another site may send its browser here: what protects is the state", async () => {
    const clicked = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-User": "?1" };
    const headers = { Origin: "https://evil.example", "Content-Type": "text/plain", ...clicked };
    expect((await api.get("/auth/oauth/acme/authorize", { headers })).status).toBe(302);
  });

  test("without redirect_to the browser comes back to the front end", async () => {
    const browser = createBrowser();
    const sent = await browser.visit(`${url}/auth/oauth/acme/authorize`);
    issuer.person = { sub: "ada" };
    const back = issuer.authorize(locationOf(sent).href).replace(ownOrigin, url);
    expect(locationOf(await browser.visit(back)).href).toBe(`${home}#`);
  });

  test.each(["google", "providers", "__proto__", "ACME%2F..", "acme."])(
    "provider %s: 404 in the envelope",
    async (name) => {
      const answer = await api.get(`/auth/oauth/${name}/authorize`);
      expect([answer.status, answer.json.error_code]).toEqual([404, "PROVIDER_NOT_CONFIGURED"]);
    },
  );
});

describe("redirect_to", () => {
  test.each([
    "http://localhost:3000",
    "http://localhost:3000/",
    "http://localhost:3000/a/b?c=d%2Fe&f=//g",
    "https://app.example.com/done",
    "https://app.example.com/in/",
    "https://app.example.com/in/here",
    "com.example.app:/signed-in",
  ])("%s is on the list", async (target) => {
    expect((await authorize(target)).status).toBe(302);
  });

  test.each([
    "",
    " ",
    "/",
    "/welcome",
    "//evil.example",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example",
    "https://evil.example/http://localhost:3000/",
    "https://evil.example?http://localhost:3000/",
    "https://evil.example#http://localhost:3000/",
    "http://localhost:3000@evil.example/",
    "http://localhost:3000%40evil.example/",
    "http://localhost:3000.evil.example/",
    "http://localhost:30000/",
    "http://localhost/",
    "https://localhost:3000/",
    "http://localhost:3000\\@evil.example/",
    "http://localhost:3000\\.evil.example",
    "http://user@localhost:3000/",
    "http://user:word@localhost:3000/",
    "http://127.0.0.1:3000/",
    "http://localhost.:3000/",
    "HTTP://localhost:3000/",
    "http://LOCALHOST:3000/",
    "http://localhost:03000/",
    " http://localhost:3000/",
    "http://localhost:3000/ ",
    "http://local\thost:3000/",
    "http://localhost:3000/\r\nSet-Cookie: a=b",
    "http://localhost:3000/#fragment",
    "http://localhost:3000//evil.example",
    "http://localhost:3000/%2Fevil.example",
    "http://localhost:3000/%5Cevil.example",
    "http://localhost:3000/a/../b",
    "http://localhost:3000/a/%2e%2e/b",
    "https://app.example.com/",
    "https://app.example.com/done/",
    "https://app.example.com/done/more",
    "https://app.example.com/done?x=y",
    "https://app.example.com/DONE",
    "https://app.example.com/in",
    "https://app.example.com/inside",
    "https://app.example.com/in/../done2",
    "https://app.example.com/in/..%2F..%2Fout",
    "https://sub.app.example.com/done",
    "https://app.example.com:444/done",
    "http://app.example.com/done",
    "https://app。example.com/done",
    "javascript:alert(1)",
    "javascript://localhost:3000/%0Aalert(1)",
    "data:text/html,hello",
    "com.example.app:/elsewhere",
    "com.example.app://signed-in",
    `http://localhost:3000/${"x".repeat(1000)}`,
  ])("%j is not: 422 in the envelope, no cookie, an event in the audit log", async (target) => {
    logLines.length = 0;
    const answer = await authorize(target);
    expect([answer.status, answer.json.error_code, answer.setCookies]).toEqual([422, "VALIDATION_ERROR", []]);
    expect(answer.json.details.fields).toEqual([{ field: "redirect_to", message: expect.any(String) }]);
    expect(answer.headers.has("location")).toBe(false);
    expect(logLines.map((line) => JSON.parse(line).event)).toEqual(["audit", "request.refused"]);
  });

  test("twice, even where both are on the list: 422", async () => {
    const answer = await api.get(`/auth/oauth/acme/authorize?redirect_to=${home}&redirect_to=${home}`);
    expect(answer.status).toBe(422);
    expect(answer.json.details.fields).toEqual([{ field: "redirect_to", message: "must be given once" }]);
  });
});

// Each of these starts a service of its own, which answers from then on.
describe("another service", () => {
  test("a provider that is away: the error is told where the sign-in was to go", async () => {
    const { issuer: away, api: own } = await startSocialService();
    away.faults.set("*", 500);
    const answer = await own.get(`/auth/oauth/acme/authorize?redirect_to=${home}welcome`);
    expect([answer.status, answer.headers.get("location")]).toEqual([
      302,
      `${home}welcome?error=PROVIDER_UNAVAILABLE#`,
    ]);
    expect(answer.setCookies).toEqual([]);
  });

  test("with an https ISSUER the cookie has the __Host- prefix and is Secure", async () => {
    const secure = await startService({
      ISSUER: "https://auth.example.com",
      GITHUB_CLIENT_ID: "ours",
      GITHUB_CLIENT_SECRET: "canary-github",
    });
    const answer = await secure.api.get("/auth/oauth/github/authorize");
    const { searchParams } = new URL(answer.headers.get("location") ?? "");
    expect(searchParams.get("redirect_uri")).toBe("https://auth.example.com/auth/oauth/github/callback");
    expect(answer.setCookies).toEqual([
      expect.stringMatching(/^__Host-oauth_attempt_\d=[\w.-]+; max-age=600; path=\/; secure; samesite=lax; httponly$/),
    ]);
    // The plain name, which a sibling domain can plant, is not looked at.
    const plain = answer.cookie?.replace("__Host-", "");
    const callback = `/auth/oauth/github/callback?code=x&state=${searchParams.get("state")}`;
    const refused = await secure.api.get(callback, { cookie: plain });
    expect(refused.headers.get("location")).toBe(`${home}?error=INVALID_STATE#`);
  });

  test("without FRONTEND_URL and REDIRECT_ALLOWLIST there is nowhere to go: errors come in the envelope", async () => {
    const homeless = await startService({
      FRONTEND_URL: "",
      GITHUB_CLIENT_ID: "ours",
      GITHUB_CLIENT_SECRET: "canary-github",
    });
    expect((await homeless.api.get("/auth/oauth/github/authorize")).status).toBe(422);
    const answer = await homeless.api.get("/auth/oauth/github/callback?state=x&code=y");
    expect([answer.status, answer.json.error_code]).toEqual([400, "INVALID_STATE"]);
  });
});
