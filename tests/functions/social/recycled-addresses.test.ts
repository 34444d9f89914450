import { describe, expect, test } from "vitest";
import { meStatus, newDevice, password, registerPerson } from "../../support/people.ts";
import { createBrowser, home, issuerSettings, startSocialService, whoIs, type Browser } from "../../support/social.ts";
import { startIssuer } from "../../support/providers/issuer.ts";
import { createTestClock } from "../../support/clock.ts";

const other = await startIssuer(createTestClock());
const service = await startSocialService({
  ...issuerSettings("OIDC_OTHER", other),
  OIDC_OTHER_TRUST_EMAIL: "true",
  ...issuerSettings("GOOGLE", other),
});
const { api, exchange, issuer, logLines } = service;
const db = service.services.database.queries.withTables<{ identities: { user_id: string; provider: string } }>();
let count = 0;

/** Somebody new at a provider that proves this address. */
function holderOf(email: string) {
  count += 1;
  return { sub: `holder${count}`, email, email_verified: true, name: `Holder ${count}` };
}

function newAddress(domain = "corp.example"): string {
  count += 1;
  return `post${count}@${domain}`;
}

const refusal = (provider: string) => [409, "LINK_REQUIRES_PROOF", { link_at: `/auth/me/identities/${provider}` }];

describe("15.3 an address that has come to another person of the same provider", () => {
  test.each([
    ["acme", newAddress()],
    ["google", newAddress("gmail.com")],
  ])("%s: the account is not theirs, and its first owner stays in it alone", async (provider, email) => {
    const first = holderOf(email);
    const owner = await at(provider, first);
    expect(owner.user).toMatchObject({ email, email_verified: true });
    const second = holderOf(email.toUpperCase());
    for (let time = 0; time < 2; time += 1) expect((await at(provider, second)).outcome).toEqual(refusal(provider));
    expect((await api.get("/auth/me", { bearer: owner.bearer })).json.data.user).toMatchObject({ name: first.name });
    expect(await identitiesOf(owner.user.id)).toEqual([{ provider }]);
    expect((await at(provider, first)).user.id).toBe(owner.user.id);
  });

  test("by the browser: the error goes to the application, and there is no session", async () => {
    const email = newAddress();
    await exchange(holderOf(email));
    const browser: Browser = createBrowser();
    const end = await service.signIn(browser, holderOf(email));
    expect([end.origin, end.searchParams.get("error")]).toEqual([new URL(home).origin, "LINK_REQUIRES_PROOF"]);
    expect([...browser.cookies]).toEqual([]);
    expect(await whoIs(service, browser)).toBeUndefined();
  });

  test("an identity that its owner has linked by hand counts, whatever address it names", async () => {
    const email = newAddress();
    const { bearer, cookie, user } = await at("other", holderOf(email));
    const idToken = await issuer.idToken({ nonce: "n", ...holderOf(newAddress("elsewhere.example")) });
    const body = { id_token: idToken, nonce: "n" };
    expect((await api.post("/auth/me/identities/acme", { bearer, cookie, body })).status).toBe(200);
    expect((await at("acme", holderOf(email))).outcome).toEqual(refusal("acme"));
    expect(await identitiesOf(user.id)).toHaveLength(2);
  });

  test("of an account that has not proven it: nothing of it is removed", async () => {
    const device = await newDevice(api);
    const linked = holderOf(newAddress("elsewhere.example"));
    const body = { id_token: await issuer.idToken({ nonce: "n", ...linked }), nonce: "n" };
    expect(
      (await api.post("/auth/me/identities/acme", { bearer: device.accessToken, cookie: device.cookie, body })).status,
    ).toBe(200);
    const start = logLines.length;
    expect((await at("acme", holderOf(device.email))).outcome).toEqual(refusal("acme"));
    expect(await meStatus(api, device)).toBe(200);
    expect((await api.post("/auth/login", { body: { email: device.email, password } })).status).toBe(200);
    expect((await at("acme", linked)).user).toMatchObject({ email: device.email, email_verified: false });
    const types = logLines.slice(start).map((line) => (JSON.parse(line) as { type?: string }).type);
    expect(types.filter((type) => /linked|proven|ended/.test(type ?? ""))).toEqual([]);
    // Another provider, of which the account has no identity, still proves it.
    expect((await at("other", holderOf(device.email))).user).toMatchObject({ email_verified: true });
  });

  test("the first subject of another provider, and of one that was removed, is linked as before", async () => {
    const email = newAddress();
    const { user, bearer, cookie } = await at("acme", holderOf(email));
    expect((await at("other", holderOf(email))).user.id).toBe(user.id);
    expect((await api.send("DELETE", "/auth/me/identities/acme", { bearer, cookie })).status).toBe(200);
    expect((await at("acme", holderOf(email))).user.id).toBe(user.id);
  });

  test("whoever signs in to the account can link the second subject to it", async () => {
    const email = newAddress();
    const { user, bearer, cookie } = await at("acme", holderOf(email));
    const second = holderOf(email);
    const body = { id_token: await issuer.idToken({ nonce: "n", ...second }), nonce: "n" };
    expect((await api.post("/auth/me/identities/acme", { bearer, cookie, body })).status).toBe(200);
    expect((await at("acme", second)).user.id).toBe(user.id);
  });
});

test("15.9 an unproven address tells whether an account has it, as SECURITY.md says, and leaves an event each time", async () => {
  const taken = await registerPerson(api);
  const start = logLines.length;
  const unproven = (email: string) => at("acme", { ...holderOf(email), email_verified: false });
  expect((await unproven(taken)).outcome).toEqual(refusal("acme"));
  const free = newAddress();
  expect((await unproven(free)).user).toMatchObject({ email: free, email_verified: false });
  const events = logLines.slice(start).map((line) => JSON.parse(line) as Record<string, unknown>);
  const failed = events.filter(({ type }) => type === "sign_in.failed");
  expect(failed).toMatchObject([{ reason: "LINK_REQUIRES_PROOF", provider: "acme", outcome: "failure" }]);
});

describe("15.3 ten people with one address at one provider, at once", () => {
  const makers: [what: string, prepare: (email: string) => Promise<unknown>][] = [
    ["nobody has it: one makes an account", async () => undefined],
    ["an account has proven it: one is linked", (email) => at("other", holderOf(email))],
  ];
  test.each(makers)("%s, the others are refused", async (_what, prepare) => {
    const email = newAddress();
    await prepare(email);
    const arrivals = await Promise.all(Array.from({ length: 10 }, () => at("acme", holderOf(email))));
    expect(arrivals.filter(({ user }) => user)).toHaveLength(1);
    // Who loses a race four times is told to come again, and is refused then.
    for (const { user, outcome } of arrivals) if (!user) expect([409, 503]).toContain(outcome[0]);
    const linked = await identitiesOf(arrivals.find(({ user }) => user)?.user.id);
    expect(linked.filter(({ provider }) => provider === "acme")).toHaveLength(1);
  });

  test("an account has it unproven: one takes it over, the others are refused", async () => {
    const email = await registerPerson(api);
    const arrivals = await Promise.all(Array.from({ length: 10 }, () => at("acme", holderOf(email))));
    const [entered, ...more] = arrivals.filter(({ user }) => user);
    expect([entered?.user.email_verified, more]).toEqual([true, []]);
    expect(await identitiesOf(entered?.user.id)).toEqual([{ provider: "acme" }]);
    expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(401);
  });
});

async function at(provider: string, person: object) {
  const by = provider === "acme" ? issuer : other;
  const idToken = await by.idToken({ nonce: "n", ...person });
  const { status, json } = await api.post(`/auth/oauth/${provider}`, {
    body: { id_token: idToken, nonce: "n", transport: "body" },
  });
  const { user, access_token: bearer, refresh_token: proof } = json.data ?? {};
  return { outcome: [status, json.error_code, json.details], user, bearer, cookie: `refresh_token=${proof}` };
}

const identitiesOf = (accountId: string) =>
  db.selectFrom("identities").select("provider").where("user_id", "=", accountId).execute();
