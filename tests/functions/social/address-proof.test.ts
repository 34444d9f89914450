import type { JWTPayload } from "jose";
import { describe, expect, test } from "vitest";
import { createTestClock } from "../../support/clock.ts";
import { startIssuer } from "../../support/providers/issuer.ts";
import { startService } from "../../support/service.ts";
import { issuerSettings } from "../../support/social.ts";

const issuer = await startIssuer(createTestClock());
const { api } = await startService({
  ...issuerSettings("GOOGLE", issuer),
  ...issuerSettings("ENTRA", issuer),
  ENTRA_TENANT_ID: "00000000-0000-4000-8000-000000000000",
  ...issuerSettings("OIDC_ACME", issuer),
  ...issuerSettings("OIDC_TRUSTED", issuer),
  OIDC_TRUSTED_TRUST_EMAIL: "true",
});

let people = 0;
const sign = (claims: JWTPayload) => issuer.idToken({ nonce: "n", ...claims });

/** Signs in somebody new as an app does that has an id_token. */
async function signIn(provider: string, claims: JWTPayload) {
  people += 1;
  const person = { sub: `s${people}`, email: `somebody${people}@example.com`, ...claims };
  const body = { id_token: await sign(person), nonce: "n", transport: "body" };
  return { email: person.email, answer: await api.post(`/auth/oauth/${provider}`, { body }) };
}

describe("15.3 what a provider says of an address counts where it is authoritative for it", () => {
  const hosted = { email_verified: true, hd: "example.com" };
  const consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
  test.each<[provider: string, claims: Record<string, unknown>, isVerified: boolean]>([
    ["google", hosted, true],
    ["google", { ...hosted, hd: "EXAMPLE.com" }, true],
    ["google", { ...hosted, email_verified: "true" }, true],
    ["google", { ...hosted, email: "zoe@xn--mller-kva.example", hd: "müller.example" }, true],
    ["google", { email_verified: true, email: "ada@gmail.com" }, true],
    ["google", { email_verified: true, email: "ada.l@GMAIL.COM" }, true],
    ["google", { email_verified: false, email: "eve@gmail.com" }, false],
    ["google", { email_verified: true, email: "eve@gmail.com.example.com" }, false],
    ["google", { email_verified: true, email: "eve@evil-gmail.com" }, false],
    ["google", { email_verified: true, email: "gmail.com@example.com" }, false],
    ["google", { email_verified: true }, false],
    ["google", { ...hosted, hd: "another.example" }, false],
    ["google", { ...hosted, hd: "com" }, false],
    ["google", { ...hosted, hd: "" }, false],
    ["google", { ...hosted, hd: null }, false],
    ["google", { ...hosted, hd: ["example.com"] }, false],
    ["google", { ...hosted, email_verified: false }, false],
    ["google", { ...hosted, email_verified: 1 }, false],
    ["google", { hd: "example.com" }, false],
    ["google", { hd: "example.com", xms_edov: true }, false],
    ["entra", { xms_edov: true }, true],
    ["entra", { xms_edov: 1 }, true],
    ["entra", { xms_edov: "1" }, true],
    ["entra", { xms_edov: "true" }, true],
    ["entra", { xms_edov: true, idp: "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/" }, true],
    ["entra", { xms_edov: true, idp: "" }, true],
    ["entra", { xms_edov: true, idp: `https://sts.windows.net/${consumers}/` }, false],
    ["entra", { xms_edov: true, idp: "live.com" }, false],
    ["entra", { xms_edov: true, idp: "google.com" }, false],
    ["entra", { xms_edov: true, idp: "mail" }, false],
    ["entra", { xms_edov: true, idp: ["https://sts.windows.net/"] }, false],
    ["entra", { xms_edov: false, email_verified: true }, false],
    ["entra", { xms_edov: 0 }, false],
    ["entra", { xms_edov: "0" }, false],
    ["entra", { xms_edov: "false" }, false],
    ["entra", { xms_edov: null }, false],
    ["entra", { xms_edov: [true] }, false],
    ["entra", { email_verified: true }, false],
    ["trusted", { email_verified: true }, true],
    ["trusted", { email_verified: "true" }, true],
    ["trusted", { email_verified: "TRUE" }, false],
    ["trusted", { email_verified: 1 }, false],
    ["trusted", { email_verified: false, xms_edov: true }, false],
    ["trusted", {}, false],
    ["acme", { email_verified: true }, false],
    ["acme", { email_verified: "true", xms_edov: true }, false],
  ])("%s, %j: email_verified is %s", async (provider, claims, isVerified) => {
    const { email, answer } = await signIn(provider, claims);
    expect(answer.status).toBe(200);
    expect(answer.json.data.user).toMatchObject({ email, email_verified: isVerified, provider });
  });
});
