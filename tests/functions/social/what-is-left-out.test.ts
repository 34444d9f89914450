import { generateKeyPair, type JWTPayload } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderAnswer, ProviderFault } from "../../support/providers/serve.ts";
import { withSettings } from "../../support/service.ts";
import { createBrowser, home, issuerSettings, startSocialService, whoIs } from "../../support/social.ts";

// What providers leave out, write as null or "", or refuse to say: no sign-in fails for it that the id_token justifies.
const service = await startSocialService();
const { issuer, logLines } = service;
const stranger = await generateKeyPair("RS256");
let people = 0;

/** A new person's address, as a provider that knows it proves it. */
const proven = () => ({ email: `somebody${people}@example.com`, email_verified: true });

beforeEach(() => {
  // Another instance: it has read nothing yet.
  withSettings(service, { ...issuerSettings("OIDC_ACME", issuer), OIDC_ACME_TRUST_EMAIL: "true" });
  logLines.length = 0;
});

afterEach(() => {
  for (const name of Object.keys(issuer.document)) delete issuer.document[name];
  issuer.amended.clear();
  issuer.faults.clear();
  issuer.userInfo = undefined;
  issuer.userInfoAnswer = undefined;
});

const nothings = [null, ""];
const each = (names: readonly string[]) => nothings.flatMap((nothing) => names.map((name) => ({ [name]: nothing })));

describe("15.17 optional members that are null or empty count as absent", () => {
  const ofDiscovery = ["userinfo_endpoint", "token_endpoint_auth_methods_supported", "scopes_supported"];
  test.each(each([...ofDiscovery, "authorization_response_iss_parameter_supported"]))(
    "%j in the discovery document",
    async (member) => {
      issuer.userInfo = {};
      Object.assign(issuer.document, member);
      const person = newPerson();
      expect(await signIn({ ...person, ...proven() })).toMatchObject({ email_verified: true });
    },
  );

  test.each(nothings)("userinfo_endpoint %j: it is not asked, and the account has no address", async (nothing) => {
    issuer.document["userinfo_endpoint"] = nothing;
    expect(await signIn(newPerson())).toMatchObject({ email: null });
    expect(logLines.join()).not.toContain("user_info");
  });

  test.each(each(["error", "error_description", "access_token", "token_type", "expires_in", "refresh_token"]))(
    "%j in the token answer",
    async (member) => {
      issuer.amended.set("/token", member);
      expect(await signIn(newPerson())).toMatchObject({ provider: "acme" });
    },
  );

  const ofIdToken = ["name", "picture", "preferred_username", "azp", "nbf", "auth_time", "acr", "amr", "at_hash", "hd"];
  test.each(each([...ofIdToken, "email", "email_verified"]))(
    "%j in the id_token, of a browser and of an app",
    async (member) => {
      const person = newPerson(member);
      const user = await signIn(person);
      expect(user).toMatchObject({ email: null, name: null, picture: null });
      expect((await service.exchange(person)).json.data.user.id).toBe(user?.["id"]);
    },
  );

  test.each(nothings)("an address that is %j in the id_token is asked for at UserInfo", async (nothing) => {
    const person = newPerson({ email: nothing, email_verified: true });
    issuer.userInfo = { sub: person.sub ?? "", ...proven() };
    expect(await signIn(person)).toMatchObject(proven());
  });

  test.each(each(["email", "email_verified", "name", "picture"]))("%j in UserInfo", async (member) => {
    const person = newPerson();
    issuer.userInfo = { sub: person.sub ?? "", ...proven(), ...member };
    expect(await signIn(person)).toMatchObject({ email_verified: "name" in member || "picture" in member });
  });

  test.each(each(["alg", "use", "key_ops", "ext", "x5c", "x5t"]))("%j in the keys", async (member) => {
    const { keys } = (await (await fetch(`${issuer.url}/keys`)).json()) as { keys: object[] };
    for (const key of keys) Object.assign(key, member);
    issuer.amended.set("/keys", { keys: [null, ...keys] });
    expect(await signIn(newPerson())).toMatchObject({ provider: "acme" });
  });

  test("an empty kid in an id_token, where there is one key", async () => {
    const body = {
      id_token: await issuer.idToken(newPerson({ nonce: "n" }), { kid: "" }),
      nonce: "n",
      transport: "body",
    };
    expect((await service.api.post("/auth/oauth/acme", { body })).status).toBe(200);
  });
});

describe("15.17 a UserInfo endpoint that is no help, after an id_token that is", () => {
  beforeEach(() => {
    issuer.userInfo = {};
  });

  const faults: ProviderFault[] = [401, 403, 404, 429, 500, 503, "hangs up", "redirects", "oversized", "no JSON"];
  test.each(faults)(
    "it answers %s: signed in without an address, with a warning; the address comes later",
    async (fault) => {
      const person = newPerson();
      issuer.faults.set("/userinfo", fault);
      const user = await signIn(person);
      expect(user).toMatchObject({ email: null, provider: "acme" });
      const warned = logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === "warn");
      expect(warned).toMatchObject([{ event: "provider.user_info_unusable", provider: "acme" }]);
      expect(logLines.join()).not.toContain("the-access-token");
      issuer.faults.clear();
      issuer.userInfo = { sub: person.sub ?? "", ...proven() };
      expect(await signIn(person)).toMatchObject({ id: user?.["id"], ...proven() });
    },
  );

  test.each<[what: string, answer: ProviderAnswer]>([
    ["a list", { body: [] }],
    ["a number", { body: 7 }],
    ["a page", { body: "<html>" }],
    ["a hundred thousand lists in lists", { body: "[".repeat(100_000) + "]".repeat(100_000) }],
    ["nothing", { status: 204, body: "" }],
  ])("it answers %s: signed in without an address", async (_what, answer) => {
    issuer.userInfoAnswer = answer;
    expect(await signIn(newPerson())).toMatchObject({ email: null });
  });

  const nobodies = [
    {},
    { error: "invalid_token" },
    { sub: null },
    { sub: "" },
    { sub: 7 },
    { sub: [] },
    { sub: ["s1"] },
  ];
  test.each(nobodies)("it answers %j: nothing of it is used, with a warning", async (said) => {
    const person = newPerson();
    issuer.userInfoAnswer = { body: { ...proven(), name: "Mallory", ...said } };
    expect(await signIn(person)).toMatchObject({ email: null, name: null });
    const line = logLines.find((one) => one.includes("provider.user_info_unusable"));
    expect(line).toContain(`names no sub (${"error" in said ? "invalid_token" : "no code"})`);
  });

  const unusable = ["/userinfo", "http://issuer.example/userinfo", "ftp://x", "file:///etc/passwd", "n/a", " "];
  test.each([...unusable, [], ["https://x"], {}, false, true, 7].map((one) => [one]))(
    "its URL is %j: it is not asked, and there is one warning for all sign-ins",
    async (endpoint) => {
      issuer.document["userinfo_endpoint"] = endpoint;
      expect(await signIn({ ...newPerson(), ...proven() })).toMatchObject(proven());
      expect(await signIn(newPerson())).toMatchObject({ email: null });
      const warned = logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === "warn");
      expect(warned).toMatchObject([{ event: "provider.user_info_unusable", issuer: issuer.url }]);
    },
  );

  test("what an identity has once named stays known", async () => {
    const person = newPerson();
    issuer.userInfo = { sub: person.sub ?? "", ...proven() };
    const { email } = proven();
    await signIn(person);
    issuer.faults.set("/userinfo", 403);
    const browser = createBrowser();
    await service.signIn(browser, person);
    const bearer = String((await whoIs(service, browser))?.access_token);
    const { json } = await service.api.get("/auth/me/identities", { bearer });
    expect(json.data.identities).toMatchObject([{ provider: "acme", email }]);
  });
});

describe("15.17 UserInfo as a signed JWT", () => {
  type Options = { claims?: JWTPayload; key?: Parameters<typeof issuer.idToken>[1]; type?: string };

  async function say(person: JWTPayload, { claims = {}, key, type = "application/jwt" }: Options = {}) {
    issuer.userInfo = {};
    const body = await issuer.idToken({ ...person, ...proven(), ...claims }, { without: ["iat", "exp"], ...key });
    issuer.userInfoAnswer = { body, headers: { "Content-Type": type } };
  }

  test.each(["application/jwt", "Application/JWT", "application/jwt; charset=utf-8", "application/jwt ;x=y"])(
    "as %s: it is verified, and what it says counts",
    async (type) => {
      const person = newPerson();
      await say(person, { type });
      expect(await signIn(person)).toMatchObject(proven());
    },
  );

  test("also when it has come with times that hold", async () => {
    const person = newPerson();
    await say(person, { key: {} });
    expect(await signIn(person)).toMatchObject(proven());
  });

  test.each<[what: string, options: Options]>([
    ["another key", { key: { key: stranger.privateKey } }],
    ["a shared secret", { key: { alg: "HS256", key: new Uint8Array(32) } }],
    ["another issuer", { claims: { iss: "https://evil.example" } }],
    ["another audience", { claims: { aud: "another-client" } }],
    ["no issuer", { key: { without: ["iss", "iat", "exp"] } }],
    ["a time that is over", { key: { without: [] }, claims: { exp: 1 } }],
  ])("with %s: signed in without its address", async (_what, options) => {
    const person = newPerson();
    await say(person, options);
    expect(await signIn(person)).toMatchObject({ email: null });
    expect(logLines.join()).toContain("provider.user_info_unusable");
  });

  test("of another subject: refused", async () => {
    await say(newPerson());
    const end = await service.signIn(createBrowser(), newPerson());
    expect(end.searchParams.get("error")).toBe("PROVIDER_TOKEN_INVALID");
  });
});

/** Signs in by the browser, which must work. @returns the user */
async function signIn(person: JWTPayload) {
  const browser = createBrowser();
  const end = await service.signIn(browser, person);
  expect(end.searchParams.get("error")).toBeNull();
  expect(end.href.startsWith(home)).toBe(true);
  return (await whoIs(service, browser))?.user;
}

/** Somebody new, as far as every id_token tells. */
function newPerson(said: JWTPayload = {}): JWTPayload {
  people += 1;
  return { sub: `s${people}`, ...said };
}
