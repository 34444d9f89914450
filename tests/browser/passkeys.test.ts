// Passkeys with browsers' own API and their virtual authenticators, over https.
import { describe, expect, test } from "vitest";
import type { CDPSession, Page } from "playwright-core";
import { findFreePort } from "../../tools/free-port.ts";
import { chromiumPath, openChromium } from "../support/chromium.ts";
import { claimsOf } from "../support/clients.ts";
import { serveHttps } from "../support/https-front.ts";
import { firefoxPath, startFirefox } from "../support/marionette.ts";
import { addAndSignIn, showPasskey, signalUnknown, type Told } from "../support/passkey-page.ts";
import { createPasskeyCalls } from "../support/passkeys.ts";
import { password } from "../support/people.ts";
import { startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("Passkeys were not tried in Chromium: that needs Debian's package chromium.");
if (firefoxPath === undefined)
  console.log("Passkeys were not tried in Firefox: that needs Debian's package firefox-esr.");

const ports = { own: await findFreePort(), service: await findFreePort() };
const url = `https://localhost:${ports.own}`;
const service = await startService({ PORT: String(ports.service), ISSUER: url });
const { services } = service;
await serveHttps(ports);
const { provenPerson } = createPasskeyCalls(service);

describe.skipIf(chromiumPath === undefined)("20.5 passkeys in Chromium", { timeout: 300_000 }, () => {
  test("are added, and sign in", async () => {
    const { tab } = await open();
    expectSignedIn(await tab.evaluate(addAndSignIn, await newLogin()));
  });

  test("on a security key are added, and sign in", async () => {
    const { tab } = await open({ transport: "usb" });
    expectSignedIn(await tab.evaluate(addAndSignIn, await newLogin()));
  });

  test("that nobody has any more are forgotten by the browser, once it is told", async () => {
    const { tab, devtools, authenticatorId } = await open();
    const outcome = await tab.evaluate(addAndSignIn, await newLogin());
    await removeAll(outcome);
    const { status, json } = await tab.evaluate(showPasskey);
    expect([status, json.error_code]).toEqual([401, "PASSKEY_UNKNOWN"]);
    const count = async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length;
    expect(await count()).toBe(1);
    await tab.evaluate(signalUnknown, json.details);
    await expect.poll(count).toBe(0);
  });
});

describe.skipIf(firefoxPath === undefined)("20.5 passkeys in Firefox", { timeout: 300_000 }, () => {
  test("are added, sign in, and are unknown once they are removed", async () => {
    const firefox = await startFirefox({
      "security.webauth.webauthn_enable_softtoken": true,
      "security.webauth.webauthn_enable_usbtoken": false,
    });
    await firefox.send("WebAuthn:AddVirtualAuthenticator", {
      protocol: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserConsenting: true,
      isUserVerified: true,
    });
    await firefox.send("WebDriver:Navigate", { url: `${url}/account` });
    const outcome = await firefox.run(addAndSignIn, await newLogin());
    expectSignedIn(outcome);
    await removeAll(outcome);
    const { status, json } = await firefox.run(showPasskey, undefined);
    expect([status, json.error_code]).toEqual([401, "PASSKEY_UNKNOWN"]);
  });
});

/** Somebody who has proven their address. */
async function newLogin(): Promise<{ email: string; password: string }> {
  return { email: (await provenPerson()).email, password };
}

/** What must have come of adding a passkey and signing in with it. */
function expectSignedIn({ added, signedIn, again }: Record<string, Told>): void {
  expect([added?.status, added?.json.data?.passkeys]).toMatchObject([200, [{ name: "Browser" }]]);
  expect([signedIn?.status, signedIn?.json.error_code]).toEqual([200, undefined]);
  expect(claimsOf(signedIn?.json.data.access_token)).toMatchObject({ acr: "phr", amr: ["pop", "user", "mfa"] });
  expect([again?.status, again?.json.error_code]).toEqual([401, "PASSKEY_INVALID"]);
}

/** Removes all passkeys, as their owner could elsewhere. */
async function removeAll({ signedIn }: Record<string, Told>): Promise<void> {
  const { sub } = claimsOf(signedIn?.json.data.access_token);
  for (const { id } of await services.passkeys.list(sub)) await services.passkeys.remove({ id, accountId: sub });
}

/** Opens a page with an authenticator. */
async function open(options: object = {}): Promise<{ tab: Page; devtools: CDPSession; authenticatorId: string }> {
  const context = await (await openChromium()).newContext({ ignoreHTTPSErrors: true });
  const tab = await context.newPage();
  const devtools = await context.newCDPSession(tab);
  await devtools.send("WebAuthn.enable");
  const flags = { hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const;
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", automaticPresenceSimulation: true, ...flags, ...options },
  });
  await tab.goto(`${url}/account`);
  return { tab, devtools, authenticatorId };
}
