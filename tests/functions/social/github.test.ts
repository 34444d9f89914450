import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { password, registerPerson } from "../../support/people.ts";
import { newGithubPerson, startGithub } from "../../support/providers/github.ts";
import type { ProviderFault } from "../../support/providers/serve.ts";
import { startService } from "../../support/service.ts";
import { appUrl, issuer, refused, unavailable, signInMethods, welcome } from "../../support/sign-in-methods.ts";

const callbackUrl = `${issuer}/auth/oauth/github/callback`;
const registration = {
  clientId: "Iv1.8a61f9b3a7aba766",
  clientSecret: "3d5f0a1e2b4c6d7f8091a2b3c4d5e6f708192a3b",
  callbackUrls: [callbackUrl, "http://localhost:3000"],
};
const github = await startGithub(registration);
const service = await startService({
  GITHUB_CLIENT_ID: registration.clientId,
  GITHUB_CLIENT_SECRET: registration.clientSecret,
  GITHUB_BASE_URL: github.url,
});
const path = {
  exchange: "/login/oauth/access_token",
  user: "/api/v3/user",
  emails: "/api/v3/user/emails",
  check: `/api/v3/applications/${registration.clientId}/token`,
};
const { api, logLines } = service;
const { answers, exchange, browse, userOf, ways, expectRefusal } = signInMethods(service, "github", github);

afterEach(() => {
  github.faults.clear();
  github.amended.clear();
  github.asked.length = 0;
  github.shownInstead = undefined;
  github.person = newGithubPerson();
  Object.assign(github.app, registration);
});

describe.each(Object.entries(ways))("GitHub, by %s", (_way, signIn) => {
  test("15.3 with a verified primary address, it signs in as that address, unproven, with name and picture", async () => {
    const { name, avatar_url: picture, emails } = github.person;
    const expected = { email: emails[0]?.email, email_verified: false, username: name, name, picture };
    expect(await signIn()).toMatchObject({ ...expected, provider: "github", is_active: true });
  });

  test("with an unverified primary address after many verified ones, the primary is taken", async () => {
    const [one, other] = [`one.${github.person.id}@example.com`, `other.${github.person.id}@example.com`];
    github.person.emails = [
      ...Array.from({ length: 40 }, () => ({ email: other, primary: false, verified: true })),
      { email: one, primary: true, verified: false },
    ];
    expect(await signIn()).toMatchObject({ email: one, email_verified: false });
    await registerPerson(api, { email: other });
  });

  test("at the next sign-in, the same account follows name and picture, and keeps what GitHub no longer says", async () => {
    const first = await signIn();
    github.person.name = "Renamed";
    github.person.avatar_url = "https://avatars.githubusercontent.com/u/1?v=5";
    const renamed = { name: "Renamed", picture: github.person.avatar_url, username: first.username };
    expect(await signIn()).toMatchObject({ id: first.id, ...renamed });
    github.person.name = null;
    expect(await signIn()).toMatchObject({ id: first.id, ...renamed });
  });

  test("without a name, the account is called by the local part, and without an address by the login", async () => {
    github.person.name = null;
    const { emails } = github.person;
    expect((await signIn()).username).toBe(emails[0]?.email.split("@")[0]);
    github.person = newGithubPerson({ name: null, emails: [] });
    const { login } = github.person;
    expect(await signIn()).toMatchObject({ username: login, email: null, email_verified: false, name: null });
  });

  test.each([true, false])("15.3 an address that an account has is 409, verified at GitHub: %s", async (verified) => {
    const account = await signIn();
    const registered = await registerPerson(api);
    for (const email of [account.email, registered]) {
      github.person = newGithubPerson({ emails: [{ email, primary: true, verified }] });
      await expectRefusal({ access_token: github.mint() }, [409, "LINK_REQUIRES_PROOF"]);
    }
    expect((await api.post("/auth/login", { body: { email: registered, password } })).status).toBe(200);
  });
});

test.each([
  [404, { email: "shown@example.com" }],
  [403, { email: "seen@example.com" }],
  [404, { email: null }],
])("a token without user:email (%d) and a profile with %j, its address is unverified", async (status, profile) => {
  Object.assign(github.person, profile);
  if (status === 403) github.faults.set(path.emails, status);
  const user = await userOf({ access_token: github.mint({ scopes: ["read:user"] }) });
  expect(user).toMatchObject({ ...profile, email_verified: false });
});

test.each([null, ""])(
  "15.17 where GitHub answers %j in place of what it leaves out, people sign in",
  async (nothing) => {
    github.amended.set(path.exchange, { error: nothing, refresh_token: nothing });
    github.amended.set(path.check, { note: nothing, expires_at: nothing });
    github.amended.set(path.user, { name: nothing, email: nothing, avatar_url: nothing, login: nothing });
    github.person.emails = [];
    for (const body of [github.grantTo(appUrl), byToken()])
      expect(await userOf(body)).toMatchObject({ email: null, name: null, picture: null, username: "GitHub user" });
  },
);

const byToken = () => ({ access_token: github.mint() });
const neverGiven = "0123456789abcdef0123";

async function usedGrant(): Promise<object> {
  const grant = github.grantTo(appUrl);
  await userOf(grant);
  return grant;
}

test.each([
  ["of another application", () => github.mint({ clientId: "Iv1.0000000000000000" })],
  ["that was revoked", () => github.revoke(github.mint())],
  ["that GitHub has never seen", () => `gho_${randomBytes(18).toString("hex")}`],
  ["that is no token at all", () => "../../user?a=b#c"],
])("an access token %s is 401, is sent to no other endpoint, and makes nobody", async (_what, make) => {
  await expectRefusal({ access_token: make() }, refused);
  expect(github.asked).toEqual([`POST ${path.check}`]);
});

test.each([
  ["an access token whose owner is shown as another", () => (github.shownInstead = newGithubPerson()) && byToken()],
  ["an access token that is revoked after the check", () => github.faults.set(path.user, 401) && byToken()],
  ["a code that GitHub has never given", () => ({ ...github.grantTo(appUrl), code: neverGiven })],
  ["a code with another verifier", () => ({ ...github.grantTo(appUrl), code_verifier: "x".repeat(43) })],
  ["a code with another redirect_uri of the list", () => ({ ...github.grantTo(appUrl), redirect_uri: welcome })],
  ["a code that was used", usedGrant],
])("%s is 401, and makes nobody", async (_what, bring) => {
  await expectRefusal(await bring(), refused);
});

test.each([
  ["with a redirect_uri that is not on the list", { redirect_uri: "https://evil.example/callback" }],
  ["without its verifier", { code_verifier: undefined }],
])("a code %s is 422, and GitHub is not asked", async (_what, change) => {
  await expectRefusal({ ...github.grantTo(appUrl), ...change }, [422, "VALIDATION_ERROR"]);
  expect(github.asked).toEqual([]);
});

test.each([
  ["a person who refuses", github.deny, "ACCESS_DENIED"],
  ["a forged code", (begun: string) => github.authorize(begun).replace(/code=\w+/, `code=${neverGiven}`), refused[1]],
])("by the browser, %s comes back with the error, and nobody is signed in", async (_what, decide, code) => {
  expect(await browse(decide)).toEqual({ location: `${welcome}?error=${code}#`, user: undefined });
});

const faults: ProviderFault[] = ["hangs up", "redirects", "oversized", "no JSON", "throttles", 500, 429];
const endpoints = ["*", path.exchange, path.user, path.emails, path.check];

describe.each(endpoints)("while GitHub fails at %s", (place) => {
  test.each(faults)("(%s) sign-ins are 502 and make nobody, and passwords still work", async (fault) => {
    const email = await registerPerson(api);
    github.faults.set(place, fault);
    if (place !== path.check) await expectRefusal(github.grantTo(appUrl), unavailable);
    if (place !== path.exchange) await expectRefusal({ access_token: github.mint() }, unavailable);
    const browsed = place === path.check ? undefined : await browse();
    if (browsed) expect(browsed).toEqual({ location: `${welcome}?error=PROVIDER_UNAVAILABLE#`, user: undefined });
    expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
  });
});

test("while GitHub is silent, passwords work, and the sign-in is 502 in the end", async () => {
  const email = await registerPerson(api);
  github.faults.set(path.user, "silent");
  let isOver = false;
  const slow = exchange({ access_token: github.mint() }).finally(() => (isOver = true));
  expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
  expect(isOver).toBe(false);
  expect((await slow).json.error_code).toBe("PROVIDER_UNAVAILABLE");
});

test.each(["hangs up", 500] as const)("where GitHub %s, reads are repeated once and a code is not", async (fault) => {
  github.faults.set(path.exchange, fault);
  await exchange(github.grantTo(appUrl));
  expect(github.asked).toEqual([`POST ${path.exchange}`]);
  github.faults.set(path.user, fault).set(path.emails, fault).delete(path.exchange);
  await exchange(github.grantTo(appUrl));
  const reads = [`GET ${path.user}`, `GET ${path.emails}`];
  expect(github.asked.slice(2).toSorted()).toEqual([...reads, ...reads].toSorted());
});

test.each([
  ["secret, a code", { clientSecret: "0".repeat(40) }, () => github.grantTo(appUrl)],
  ["secret, an access token", { clientSecret: "0".repeat(40) }, () => ({ access_token: github.mint() })],
  ["name, a code", { clientId: "Iv1.1111111111111111" }, () => github.grantTo(appUrl)],
])("when GitHub no longer takes our %s is 502 and never 401", async (_what, change, bring) => {
  const body = bring();
  Object.assign(github.app, change);
  await expectRefusal(body, unavailable);
});

test("our secret, and the codes and tokens of people, stand in no log line and in no answer", async () => {
  const grant = github.grantTo(appUrl);
  for (const body of [grant, grant, byToken(), { access_token: github.revoke(github.mint()) }]) await exchange(body);
  for (const place of endpoints) {
    github.faults.clear();
    github.faults.set(place, 500);
    await Promise.all([exchange(github.grantTo(appUrl)), exchange({ access_token: github.mint() }), browse()]);
  }
  const said = [...logLines, ...answers].join("\n");
  expect(said).toContain("PROVIDER_UNAVAILABLE");
  for (const secret of [registration.clientSecret, ...github.given]) expect(said).not.toContain(secret);
});
