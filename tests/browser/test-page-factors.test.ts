import { describe, expect, test } from "vitest";
import { findFreePort } from "../../tools/free-port.ts";
import { totpAt } from "../../shared/mfa/totp.ts";
import { addAuthenticator } from "../support/authenticator.ts";
import { chromiumPath, expectAccessible, expectToFitPhone, takePicture } from "../support/chromium.ts";
import { serveHttps } from "../support/https-front.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { startService, withSettings } from "../support/service.ts";
import { openTestPage } from "../support/test-page.ts";

if (chromiumPath === undefined)
  console.log("Second factors were not tried on the test page: that needs Chromium (Debian's package chromium).");

const ports = { own: await findFreePort(), service: await findFreePort() };
const url = `https://localhost:${ports.own}`;
const settings = { PORT: String(ports.service), ISSUER: url };
const service = await startService(settings);
const { api, clock } = service;
await serveHttps(ports);
const { provenPerson } = createFactorCalls(service);

describe.skipIf(chromiumPath === undefined)(
  "20.10 second factors on the test page, in Chromium",
  { timeout: 300_000 },
  () => {
    const page = openTestPage(url, api);
    const unfold = (name: string) => page.tab.getByRole("heading", { name, exact: true }).click();
    const fill = (label: string, value: string) => page.tab.getByLabel(label, { exact: true }).fill(value);

    test("an app is added, and the next login takes its code; recovery codes; the app is removed", async () => {
      const email = await logIn();
      await unfold("Second factors");
      await fill("Title of an app", "Phone");
      await page.press("Add app");
      const { id, secret } = await begun();
      await fill("Id of an app", id);
      await fill("Second factor", totpAt(secret, clock.now()));
      await expectAccessible(page.tab);
      await takePicture(page.tab, "test-login-add-app");
      await page.press("Confirm app");
      await page.told('"name": "Phone"');
      await page.press("Make recovery codes");
      await page.told(/"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}"/);
      const [code = ""] = JSON.parse(await page.status()) as string[];
      await page.press("Log out");
      await page.told("Logged out");
      for (const [button, show] of [
        ["Show code", () => totpAt(secret, clock.now())],
        ["Show recovery code", () => code],
      ] as const) {
        clock.advance(60);
        await page.fill(email);
        await page.press("Log in");
        await page.told("A second factor is due: totp, recovery.");
        await fill("Second factor", show());
        await page.press(button);
        await page.told("Logged in as");
      }
      await fill("Id of an app", id);
      await page.press("Remove app");
      await page.told('"factors": []');
      await expectToFitPhone(page.tab);
      await expectAccessible(page.tab);
      expect(page.watch.complaints).toEqual([]);
    });

    test("where one is required, the login enrols an app", async () => {
      const { email } = await provenPerson();
      withSettings(service, { ...settings, MFA_REQUIRED: "all" });
      await page.fill(email);
      await page.press("Log in");
      await page.told("A second factor must be added: totp.");
      await unfold("Second factors");
      await page.press("Enrol");
      const { id, secret } = await begun();
      await fill("Id of an app", id);
      await fill("Second factor", totpAt(secret, clock.now()));
      await page.press("Complete enrolment");
      await page.told("Logged in as");
    });

    test("a passkey is added, renamed, signs in and is removed", async () => {
      const authenticator = await addAuthenticator(page.tab);
      await logIn();
      await unfold("Passkeys");
      await page.press("What the browser can");
      await page.told('"hasPasskeys": true');
      await fill("Title of a passkey", "Laptop");
      await page.press("Add passkey");
      await page.told('"name": "Laptop"');
      const [{ id }] = JSON.parse(await page.status()) as [{ id: string }];
      await page.press("Log out");
      await page.told("Logged out");
      await page.press("Sign in with a passkey");
      await page.told("Logged in as");
      await fill("Id of a passkey", id);
      await fill("Title of a passkey", "Desk");
      await page.press("Rename passkey");
      await page.told('"name": "Desk"');
      await page.press("Remove passkey");
      await page.told("[]");
      await expect.poll(authenticator.count).toBe(0);
      await expectToFitPhone(page.tab);
      expect(page.watch.complaints).toEqual([]);
    });

    async function logIn(): Promise<string> {
      const { email } = await provenPerson();
      await page.fill(email);
      await page.press("Log in");
      await page.told("Logged in as");
      return email;
    }

    /** The app that the page shows. */
    async function begun(): Promise<{ id: string; secret: string }> {
      await page.tab.getByRole("img", { name: "QR code of the app that is being added" }).waitFor();
      const [first = "", secret = ""] = (await page.status()).split("\n");
      return { id: /the id ([\w-]+)/.exec(first)?.[1] ?? "", secret };
    }
  },
);
