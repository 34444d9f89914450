import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { provideServices } from "../../../shared/services.ts";
import { createTestClock } from "../../support/clock.ts";
import { clientId, clientSecret, startIssuer, type TestIssuer } from "../../support/providers/issuer.ts";
import { serveProvider, type ProviderRequest } from "../../support/providers/serve.ts";
import { createTestServices, startService } from "../../support/service.ts";
import { issuerSettings, ownOrigin } from "../../support/social.ts";

const clock = createTestClock();
const issuer = await startIssuer(clock);
// Its discovery document, which is read once, shall name a UserInfo endpoint.
issuer.userInfo = {};
const service = await startService({
  ...issuerSettings("GOOGLE", issuer),
  ...issuerSettings("ENTRA", issuer),
  ENTRA_TENANT_ID: "00000000-0000-4000-8000-000000000000",
  ...issuerSettings("OIDC_ACME", issuer),
  ...issuerSettings("OIDC_TRUSTED", issuer),
  OIDC_TRUSTED_TRUST_EMAIL: "true",
});

let people = 0;
function newPerson() {
  people += 1;
  return { sub: `s${people}`, email: `somebody${people}@example.com` };
}

afterEach(() => {
  for (const name of Object.keys(issuer.document)) delete issuer.document[name];
  issuer.person = {};
  issuer.userInfo = {};
  issuer.asked.length = 0;
  provideServices(service.services);
});

describe("how a provider may spell itself", () => {
  test.each([
    ["google", 200],
    ["entra", 401],
    ["trusted", 401],
  ])("%s, an iss without its scheme: %i", async (provider, status) => {
    const iss = new URL(issuer.url).host;
    expect((await byToken(provider, { ...newPerson(), iss })).status).toBe(status);
  });

  test.each(["https://", "http://evil.", "//"])("google, an iss that begins with %s: refused", async (start) => {
    const iss = start + new URL(issuer.url).host;
    expect((await byToken("google", { ...newPerson(), iss })).json.error_code).toBe("PROVIDER_TOKEN_INVALID");
  });
});

test.each([
  ["settings", `${issuer.url}/`, issuer.url],
  ["document", issuer.url, `${issuer.url}/`],
  ["settings and document", `${issuer.url}/`, `${issuer.url}/`],
])("a slash at the issuer's end in the %s: id_tokens must have the document's spelling", async (_where, set, named) => {
  await startAnew(issuer, { OIDC_ACME_ISSUER: set });
  issuer.document["issuer"] = named;
  const good = { ...newPerson(), iss: named };
  expect([(await byCode("acme", good)).status, (await byToken("acme", good)).status]).toEqual([200, 200]);
  const bad = { ...newPerson(), iss: named.endsWith("/") ? issuer.url : `${issuer.url}/` };
  expect([(await byCode("acme", bad)).status, (await byToken("acme", bad)).status]).toEqual([401, 401]);
});

test.each([
  [["client_secret_post"], "post"],
  [["client_secret_basic", "client_secret_post"], "post"],
  [["client_secret_basic"], "basic"],
  [["private_key_jwt"], "basic"],
  [undefined, "basic"],
  ["client_secret_post", "basic"],
])("a token endpoint that takes %j: we authenticate ourselves by %s", async (methods, way) => {
  await startAnew(issuer);
  issuer.document["token_endpoint_auth_methods_supported"] = methods;
  expect((await byCode("acme", newPerson())).status).toBe(200);
  let asked: ProviderRequest | undefined;
  const desk = await serveProvider((request) => {
    asked = request;
    return { status: 400, body: { error: "invalid_grant" } };
  });
  issuer.document["token_endpoint"] = `${desk.url}/token`;
  await startAnew(issuer);
  await byCode("acme", newPerson());
  const inForm = [asked?.form.get("client_id"), asked?.form.get("client_secret")];
  expect(inForm).toEqual(way === "post" ? [clientId, clientSecret] : [null, null]);
  expect(asked?.headers.authorization?.split(" ")[0]).toBe(way === "post" ? undefined : "Basic");
});

test.each(["post", "basic"] as const)(
  "a token endpoint that takes both ways, and holds our registration to %s: the code is redeemed",
  async (way) => {
    await startAnew(issuer);
    issuer.document["token_endpoint_auth_methods_supported"] = ["client_secret_basic", "client_secret_post"];
    issuer.registeredFor = way;
    expect((await byCode("acme", newPerson())).status).toBe(200);
    issuer.registeredFor = undefined;
  },
);

describe("what UserInfo says", () => {
  const asksUserInfo = () => issuer.asked.includes("GET /userinfo");

  test.each([
    ["google", true],
    ["trusted", true],
    ["acme", false],
    ["entra", false],
  ])("%s, the address stands there alone: it is the account's, proven: %s", async (provider, isVerified) => {
    const { sub, email } = newPerson();
    issuer.userInfo = { sub, email, email_verified: true, hd: "example.com", name: "Ada Lovelace" };
    const { json } = await byCode(provider, { sub });
    expect(json.data.user).toMatchObject({ email, email_verified: isVerified, name: "Ada Lovelace" });
  });

  test("an address in the id_token, UserInfo is not asked", async () => {
    const person = newPerson();
    issuer.userInfo = { sub: person.sub, email: "another@example.com", email_verified: true };
    const { json } = await byCode("trusted", person);
    expect(json.data.user).toMatchObject({ email: person.email, email_verified: false });
    expect(asksUserInfo()).toBe(false);
  });

  test("it says nothing of an address, the account has none", async () => {
    const { sub } = newPerson();
    issuer.userInfo = { sub };
    expect((await byCode("trusted", { sub })).json.data.user.email).toBeNull();
    expect(asksUserInfo()).toBe(true);
  });

  test("a provider that has none, the account has no address", async () => {
    issuer.userInfo = undefined;
    await startAnew(issuer);
    expect((await byCode("acme", { sub: newPerson().sub })).json.data.user.email).toBeNull();
    expect(asksUserInfo()).toBe(false);
  });

  test("an app with an id_token, UserInfo is not asked", async () => {
    const { sub } = newPerson();
    issuer.userInfo = { sub, email: "another@example.com" };
    expect((await byToken("trusted", { sub })).json.data.user.email).toBeNull();
    expect(asksUserInfo()).toBe(false);
  });
});

/** Signs in as an app does that has an id_token. */
async function byToken(provider: string, claims: JWTPayload) {
  const body = { id_token: await issuer.idToken({ nonce: "n", ...claims }), nonce: "n", transport: "body" };
  return service.api.post(`/auth/oauth/${provider}`, { body });
}

/** Signs in as an app does that has a code; `said` is what the id_token claims. */
async function byCode(provider: string, said: JWTPayload) {
  issuer.person = said;
  const [verifier, redirectUri] = ["v".repeat(43), `${ownOrigin}/auth/oauth/${provider}/callback`];
  const asked = new URL(`${issuer.url}/authorize`);
  asked.searchParams.set("redirect_uri", redirectUri);
  asked.searchParams.set("code_challenge", createHash("sha256").update(verifier).digest("base64url"));
  const code = new URL(issuer.authorize(asked.href)).searchParams.get("code");
  const body = { code, redirect_uri: redirectUri, code_verifier: verifier, transport: "body" };
  return service.api.post(`/auth/oauth/${provider}`, { body });
}

/** From here on the service has read nothing of this issuer, which is acme. */
async function startAnew(acme: TestIssuer, more: Record<string, string> = {}): Promise<void> {
  const settings = { ...issuerSettings("OIDC_ACME", acme), ...more };
  provideServices((await createTestServices(settings, service.database)).services);
}
