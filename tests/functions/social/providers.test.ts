import { expect, test } from "vitest";
import { ownOrigin, startSocialService } from "../../support/social.ts";
import { startService } from "../../support/service.ts";

test("GET /auth/oauth/providers lists what is set up, with all that a native app needs for a flow of its own", async () => {
  const { api, issuer } = await startSocialService({
    FACEBOOK_CLIENT_ID: "1234",
    FACEBOOK_CLIENT_SECRET: "canary-facebook",
    GITHUB_CLIENT_ID: "ours",
    GITHUB_CLIENT_SECRET: "canary-github",
    GITHUB_BASE_URL: "https://github.acme.example",
  });
  const answer = await api.get("/auth/oauth/providers");
  expect(answer.json.data.providers).toEqual([
    {
      name: "facebook",
      display_name: "Facebook",
      authorize_url: `${ownOrigin}/auth/oauth/facebook/authorize`,
      authorization_endpoint: "https://www.facebook.com/v26.0/dialog/oauth",
      client_id: "1234",
      scopes: ["public_profile", "email"],
      pkce: false,
    },
    {
      name: "github",
      display_name: "GitHub",
      authorize_url: `${ownOrigin}/auth/oauth/github/authorize`,
      authorization_endpoint: "https://github.acme.example/login/oauth/authorize",
      client_id: "ours",
      scopes: ["read:user", "user:email"],
      pkce: true,
    },
    {
      name: "acme",
      display_name: "Acme",
      authorize_url: `${ownOrigin}/auth/oauth/acme/authorize`,
      authorization_endpoint: `${issuer.url}/authorize?tenant=x`,
      client_id: "latchkey-at-the-issuer",
      scopes: ["openid", "profile", "email"],
      pkce: true,
    },
  ]);
  expect(JSON.stringify(answer.json)).not.toContain("canary");
});

test("GET /auth/oauth/providers is empty where none is set up, and the path of each is 404", async () => {
  const { api } = await startService();
  expect((await api.get("/auth/oauth/providers")).json.data).toEqual({ providers: [] });
  for (const name of ["google", "entra", "facebook", "github"]) {
    expect((await api.get(`/auth/oauth/${name}/authorize`)).json.error_code).toBe("PROVIDER_NOT_CONFIGURED");
    const answer = await api.post(`/auth/oauth/${name}`, { body: { access_token: "x" } });
    expect([answer.status, answer.json.error_code]).toEqual([404, "PROVIDER_NOT_CONFIGURED"]);
  }
});

test("redirects take no HEAD, which would use a state up", async () => {
  const { api } = await startService();
  for (const path of ["/auth/oauth/acme/callback", "/auth/oauth/acme/authorize"]) {
    expect((await api.send("HEAD", path)).status).toBe(405);
    expect((await api.send("PUT", path)).headers.get("allow")).not.toContain("HEAD");
  }
});

test("a query of thousands of equal names is read as fast as any other", async () => {
  const { api } = await startSocialService();
  const startedAt = performance.now();
  const path = `/auth/oauth/acme/callback?${"a&".repeat(4000)}`;
  const answers = await Promise.all(Array.from({ length: 20 }, () => api.get(path)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([302]));
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
