import { describe, expect, onTestFinished, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { startFacebook } from "../../support/providers/facebook.ts";
import { startGithub } from "../../support/providers/github.ts";
import { startService } from "../../support/service.ts";
import { appUrl } from "../../support/sign-in-methods.ts";

const githubApp = { clientId: "Iv1.8a61f9b3a7aba766", clientSecret: "canary-github-secret", callbackUrls: [appUrl] };
const facebookApp = { clientId: "1482025315183771", clientSecret: "canary-facebook-secret", redirectUris: [appUrl] };
const [github, facebook] = [await startGithub(githubApp), await startFacebook(facebookApp)];
const { api, clock } = await startService({
  GITHUB_CLIENT_ID: githubApp.clientId,
  GITHUB_CLIENT_SECRET: githubApp.clientSecret,
  GITHUB_BASE_URL: github.url,
  FACEBOOK_CLIENT_ID: facebookApp.clientId,
  FACEBOOK_CLIENT_SECRET: facebookApp.clientSecret,
  FACEBOOK_BASE_URL: facebook.url,
});

describe.each(Object.entries({ github, facebook }))("15.2 how old a proof of %s is", (provider, fake) => {
  async function reauthenticate(proof: object) {
    const signedIn = await api.post(`/auth/oauth/${provider}`, {
      body: { access_token: fake.mint(), transport: "body" },
    });
    expect(signedIn.status).toBe(200);
    const { access_token: bearer, refresh_token } = signedIn.json.data;
    return api.post("/auth/reauthenticate", { bearer, body: { provider, refresh_token, ...proof } });
  }

  test.each([
    ["just made", 0, 200],
    ["made 5 minutes ago", -300, 200],
    ["made longer ago", -301, 403],
    ["made later, by a clock that is ahead", 30, 200],
  ])("an access token %s", async (_when, seconds, status) => {
    const madeAt = addSeconds(clock.now(), seconds);
    expect((await reauthenticate({ access_token: fake.mint({ madeAt }) })).status).toBe(status);
  });

  test("an access token of which the provider does not say when it was made proves nothing new", async () => {
    const answer = await reauthenticate({ access_token: fake.mint() });
    expect([answer.status, answer.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
  });

  test("such a token signs in, and may then change nothing about how the account is signed in to", async () => {
    const body = { access_token: fake.mint(), transport: "body" };
    const { access_token: bearer, refresh_token } = (await api.post(`/auth/oauth/${provider}`, { body })).json.data;
    const other = provider === "github" ? "facebook" : "github";
    const grant = { github, facebook }[other].grantTo(appUrl);
    const answer = await api.post(`/auth/me/identities/${other}`, { bearer, body: { ...grant, refresh_token } });
    expect([answer.status, answer.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
  });
  test.each([1e300, 8_640_000_000_001, -1, -1e14, "1e14", null, {}])(
    "15.17 a time that is none (%j) is none: it signs in, and proves nothing new",
    async (time) => {
      onTestFinished(() => [github, facebook].forEach(({ amended }) => amended.clear()));
      const about = { app_id: facebookApp.clientId, is_valid: true, type: "USER", user_id: facebook.person.id };
      facebook.amended.set("/v26.0/debug_token", { data: { ...about, issued_at: time } });
      const day = typeof time === "number" && time < 0 ? "-200000-01-01T00:00:00Z" : time;
      github.amended.set(`/api/v3/applications/${githubApp.clientId}/token`, { created_at: day });
      const answer = await reauthenticate({ access_token: fake.mint() });
      expect([answer.status, answer.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    },
  );

  test("a code was made for this", async () => {
    expect((await reauthenticate(fake.grantTo(appUrl))).status).toBe(200);
  });
});
