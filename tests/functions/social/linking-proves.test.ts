import type { JWTPayload } from "jose";
import { describe, expect, test } from "vitest";
import { auditEvents } from "../../support/audit-events.ts";
import { createTestClock } from "../../support/clock.ts";
import { meStatus, newDevice, password, registerPerson, signIn, type Device } from "../../support/people.ts";
import { startIssuer } from "../../support/providers/issuer.ts";
import { issuerSettings, startSocialService } from "../../support/social.ts";

const clock = createTestClock();
// A second issuer that is believed, and one that is not.
const [other, stranger] = [await startIssuer(clock), await startIssuer(clock)];
const { api, issuer, logLines, exchange } = await startSocialService({
  ...issuerSettings("OIDC_OTHER", other),
  OIDC_OTHER_TRUST_EMAIL: "true",
  ...issuerSettings("OIDC_STRANGER", stranger),
});
const eventsSince = auditEvents(logLines);
const issuers = { acme: issuer, other, stranger };
let count = 0;

/** Somebody new at a provider that proves this address. */
function holderOf(email: string): JWTPayload {
  count += 1;
  return { sub: `linker${count}`, email, email_verified: true };
}

describe("15.3 an owner who links an identity that proves the account's own address", () => {
  test("has proven it: the next provider that proves it is linked, and nothing is taken from them", async () => {
    const device = await newDevice(api);
    const start = logLines.length;
    const linked = holderOf(device.email.toUpperCase());
    expect(await link(device, linked)).toBe(200);
    expect(await isVerified(device)).toBe(true);
    expect(eventsSince(start)).toEqual(["identity.linked", "account.address_proven"]);
    const idToken = await other.idToken({ nonce: "n", ...holderOf(device.email) });
    const body = { id_token: idToken, nonce: "n", transport: "body" };
    const second = await api.post("/auth/oauth/other", { body });
    expect(second.json.data.user).toMatchObject({ email: device.email, email_verified: true });
    expect(await meStatus(api, device)).toBe(200);
    expect((await api.post("/auth/login", { body: { email: device.email, password } })).status).toBe(200);
    expect((await exchange(linked)).json.data.user.id).toBe(second.json.data.user.id);
  });

  test("in another spelling of its domain, too", async () => {
    const email = "zoe@müller.example";
    await registerPerson(api, { email });
    const device = await signIn(api, email);
    expect(await link(device, holderOf("Zoe@xn--mller-kva.example"))).toBe(200);
    expect(await isVerified(device)).toBe(true);
  });

  test("by an identity that was linked already", async () => {
    const device = await newDevice(api);
    const person = holderOf(device.email);
    expect(await link(device, { ...person, email_verified: false })).toBe(200);
    expect(await isVerified(device)).toBe(false);
    const start = logLines.length;
    expect(await link(device, person)).toBe(200);
    expect(await isVerified(device)).toBe(true);
    expect(await link(device, person)).toBe(200);
    expect(eventsSince(start)).toEqual(["account.address_proven"]);
  });

  test("ten times at once: it is told once", async () => {
    const device = await newDevice(api);
    const [start, person] = [logLines.length, holderOf(device.email)];
    expect(new Set(await Promise.all(Array.from({ length: 10 }, () => link(device, person))))).toEqual(new Set([200]));
    expect(eventsSince(start).toSorted()).toEqual(["account.address_proven", "identity.linked"]);
  });
});

describe("15.3 it proves nothing", () => {
  test.each<[what: string, provider: keyof typeof issuers, said: JWTPayload]>([
    ["by an address that the provider does not prove", "acme", { email_verified: false }],
    ["by the word of a provider that does not count", "stranger", {}],
    ["by another address", "acme", { email: "elsewhere@example.com" }],
    ["by an address that only begins so", "acme", { email: "person@example.com.evil.example" }],
    ["without an address", "acme", { email: undefined }],
  ])("%s", async (_what, provider, said) => {
    const device = await newDevice(api);
    const start = logLines.length;
    expect(await link(device, { ...holderOf(device.email), ...said }, provider)).toBe(200);
    expect(await isVerified(device)).toBe(false);
    expect(eventsSince(start)).toEqual(["identity.linked"]);
  });

  test("by another account's identity, and never another account's address", async () => {
    const [device, victim] = [await newDevice(api), await newDevice(api)];
    const person = holderOf("taken-identity@example.com");
    expect((await exchange(person)).status).toBe(200);
    expect(await link(device, { ...person, email: device.email })).toBe(409);
    expect(await link(device, holderOf(victim.email))).toBe(200);
    expect([await isVerified(device), await isVerified(victim)]).toEqual([false, false]);
  });
});

async function link(device: Device, person: JWTPayload, provider: keyof typeof issuers = "acme") {
  const idToken = await issuers[provider].idToken({ nonce: "n", ...person });
  const body = { id_token: idToken, nonce: "n", refresh_token: device.refreshToken };
  return (await api.post(`/auth/me/identities/${provider}`, { bearer: device.accessToken, body })).status;
}

async function isVerified({ accessToken: bearer }: Device): Promise<boolean> {
  return (await api.get("/auth/me", { bearer })).json.data.user.email_verified;
}
