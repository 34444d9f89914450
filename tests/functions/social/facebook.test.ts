import { afterEach, describe, expect, test } from "vitest";
import { password, registerPerson } from "../../support/people.ts";
import { newFacebookPerson, startFacebook } from "../../support/providers/facebook.ts";
import type { ProviderFault } from "../../support/providers/serve.ts";
import { startService } from "../../support/service.ts";
import { appUrl, issuer, refused, unavailable, signInMethods, welcome } from "../../support/sign-in-methods.ts";

const callbackUrl = `${issuer}/auth/oauth/facebook/callback`;
const registration = {
  clientId: "1482025315183771",
  clientSecret: "9b1c7d2e8f304a5b6c7d8e9f0a1b2c3d",
  redirectUris: [callbackUrl, appUrl, welcome],
};
const facebook = await startFacebook(registration);
const service = await startService({
  FACEBOOK_CLIENT_ID: registration.clientId,
  FACEBOOK_CLIENT_SECRET: registration.clientSecret,
  FACEBOOK_BASE_URL: facebook.url,
});
const path = { exchange: "/v26.0/oauth/access_token", check: "/v26.0/debug_token", me: "/v26.0/me" };
const { api, logLines } = service;

afterEach(() => {
  facebook.faults.clear();
  facebook.errors.clear();
  facebook.amended.clear();
  facebook.asked.length = 0;
  facebook.shownInstead = undefined;
  facebook.person = newFacebookPerson();
  Object.assign(facebook.app, registration);
});

const { answers, exchange, browse, userOf, ways, expectRefusal } = signInMethods(service, "facebook", facebook);

describe.each(Object.entries(ways))("Facebook, by %s", (_way, signIn) => {
  test("with an address, it signs in as that address, which is never verified, with name and picture", async () => {
    const { name, email, picture } = facebook.person;
    const expected = { email, email_verified: false, username: name, name, picture };
    expect(await signIn()).toMatchObject({ ...expected, provider: "facebook", is_active: true });
  });

  test.each([
    ["that has none", { email: undefined }],
    ["that does not share it", { sharesEmail: false }],
  ])("for a person %s, there is no address, and the next sign-in is to the same account", async (_what, change) => {
    Object.assign(facebook.person, change);
    const first = await signIn();
    expect(first).toMatchObject({ email: null, email_verified: false, username: facebook.person.name });
    expect((await signIn()).id).toBe(first.id);
  });

  test("an address that an account has is 409, and the account stays as it is", async () => {
    const email = await registerPerson(api);
    facebook.person.email = email;
    await expectRefusal({ access_token: facebook.mint() }, [409, "LINK_REQUIRES_PROOF"]);
    expect(await browse()).toEqual({ location: `${welcome}?error=LINK_REQUIRES_PROOF#`, user: undefined });
    expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
  });

  test("a silhouette is no picture", async () => {
    facebook.person.isSilhouette = true;
    expect((await signIn()).picture).toBeNull();
  });

  test("at the next sign-in, the same account follows name and picture, and a silhouette leaves the last one", async () => {
    const first = await signIn();
    facebook.person.name = "Renamed";
    facebook.person.picture = "https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=new";
    const renamed = { name: "Renamed", picture: facebook.person.picture, username: first.username };
    expect(await signIn()).toMatchObject({ id: first.id, ...renamed });
    facebook.person.isSilhouette = true;
    expect(await signIn()).toMatchObject({ id: first.id, ...renamed });
  });

  test("without a name, the account is called by the local part of the address", async () => {
    facebook.person.name = "";
    expect(await signIn()).toMatchObject({ username: facebook.person.email?.split("@")[0], name: null });
  });
});

test.each([null, ""])(
  "15.17 where Facebook answers %j in place of what it leaves out, people sign in",
  async (nothing) => {
    facebook.amended.set(path.exchange, { error: nothing, expires_in: nothing });
    facebook.amended.set(path.check, { error: nothing });
    facebook.amended.set(path.me, { error: nothing, email: nothing, name: nothing, picture: { data: nothing } });
    for (const body of [facebook.grantTo(appUrl), byToken()])
      expect(await userOf(body)).toMatchObject({ email: null, name: null, picture: null });
  },
);

const byToken = () => ({ access_token: facebook.mint() });
const neverGiven = "AQ0123456789abcdef0123456789abcdef";

async function usedGrant(): Promise<object> {
  const grant = facebook.grantTo(appUrl);
  await userOf(grant);
  return grant;
}

test.each([
  ["of another application", () => facebook.mint({ clientId: "1000000000000001" })],
  ["of a page", () => facebook.mint({ type: "PAGE" })],
  ["that was revoked", () => facebook.revoke(facebook.mint())],
  ["that has expired", () => facebook.mint({ isExpired: true })],
  ["that Facebook has never seen", () => "EAAC0123456789abcdef"],
  ["that is no token at all", () => "../me?a=b&input_token=c#d"],
])("an access token %s is 401, is sent to no other endpoint, and makes nobody", async (_what, make) => {
  await expectRefusal({ access_token: make() }, refused);
  expect(facebook.asked).toEqual([`GET ${path.check}`]);
});

test.each([
  ["an access token whose owner is shown as another", () => (facebook.shownInstead = newFacebookPerson()) && byToken()],
  ["an access token that is revoked after the check", () => facebook.errors.set(path.me, 190) && byToken()],
  ["a code that Facebook has never given", () => ({ ...facebook.grantTo(appUrl), code: neverGiven })],
  ["a code with another redirect_uri of the list", () => ({ ...facebook.grantTo(appUrl), redirect_uri: welcome })],
  ["a code that was used", usedGrant],
])("%s is 401, and makes nobody", async (_what, bring) => {
  await expectRefusal(await bring(), refused);
});

test("a code with a redirect_uri that is not on the list is 422, and Facebook is not asked", async () => {
  const grant = { ...facebook.grantTo(appUrl), redirect_uri: "https://evil.example/callback" };
  await expectRefusal(grant, [422, "VALIDATION_ERROR"]);
  expect(facebook.asked).toEqual([]);
});

test("a verifier that an app sends along is kept from Facebook, which would refuse it", async () => {
  await userOf({ ...facebook.grantTo(appUrl), code_verifier: "x".repeat(43) });
});

test.each([
  ["a person who refuses", facebook.deny, "ACCESS_DENIED"],
  ["a forged code", (begun: string) => facebook.authorize(begun).replace(/code=\w+/, `code=${neverGiven}`), refused[1]],
])("by the browser, %s comes back with the error, and nobody is signed in", async (_what, decide, code) => {
  expect(await browse(decide)).toEqual({ location: `${welcome}?error=${code}#`, user: undefined });
});

const faults: ProviderFault[] = ["hangs up", "redirects", "oversized", "no JSON", 500, 429];
const endpoints = ["*", path.exchange, path.me, path.check];

/** Expects every way in that asks at this path to be out of order, and no other. */
async function expectOutage(place: string): Promise<void> {
  const email = await registerPerson(api);
  if (place !== path.check) await expectRefusal(facebook.grantTo(appUrl), unavailable);
  if (place !== path.exchange) await expectRefusal(byToken(), unavailable);
  const browsed = place === path.check ? undefined : await browse();
  if (browsed) expect(browsed).toEqual({ location: `${welcome}?error=PROVIDER_UNAVAILABLE#`, user: undefined });
  expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
}

describe.each(endpoints)("while Facebook fails at %s", (place) => {
  test.each(faults)("(%s) sign-ins are 502 and make nobody, and passwords still work", async (fault) => {
    facebook.faults.set(place, fault);
    await expectOutage(place);
  });

  test.each([1, 2, 4, 17, 341])("(error %d of the Graph API) the same", async (code) => {
    for (const one of place === "*" ? Object.values(path) : [place]) facebook.errors.set(one, code);
    await expectOutage(place);
  });
});

test("while Facebook is silent, passwords work, and the sign-in is 502 in the end", async () => {
  const email = await registerPerson(api);
  facebook.faults.set(path.check, "silent");
  let isOver = false;
  const slow = exchange(byToken()).finally(() => (isOver = true));
  expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
  expect(isOver).toBe(false);
  expect((await slow).json.error_code).toBe("PROVIDER_UNAVAILABLE");
});

test.each(["hangs up", 500] as const)("where Facebook %s, reads are repeated once and a code is not", async (fault) => {
  facebook.faults.set("*", fault);
  await exchange(facebook.grantTo(appUrl));
  await exchange(byToken());
  expect(facebook.asked).toEqual([`POST ${path.exchange}`, `GET ${path.check}`, `GET ${path.check}`]);
});

test.each([
  ["secret, a code", { clientSecret: "0".repeat(32) }, () => facebook.grantTo(appUrl)],
  ["secret, an access token", { clientSecret: "0".repeat(32) }, byToken],
  ["id, a code", { clientId: "1000000000000001" }, () => facebook.grantTo(appUrl)],
  ["id, an access token", { clientId: "1000000000000001" }, byToken],
])("when Facebook no longer takes our %s is 502 and never 401", async (_what, change, bring) => {
  const body = bring();
  Object.assign(facebook.app, change);
  await expectRefusal(body, unavailable);
});

test("our secret, and the codes and tokens of people, stand in no log line and in no answer", async () => {
  const bodies = [await usedGrant(), byToken(), { access_token: facebook.revoke(facebook.mint()) }];
  for (const body of bodies) await exchange(body);
  for (const place of endpoints) {
    facebook.faults.clear();
    facebook.faults.set(place, 500);
    await Promise.all([exchange(facebook.grantTo(appUrl)), exchange(byToken()), browse()]);
  }
  const said = [...logLines, ...answers].join("\n");
  expect(said).toContain("PROVIDER_UNAVAILABLE");
  for (const secret of [registration.clientSecret, ...facebook.given]) expect(said).not.toContain(secret);
});
