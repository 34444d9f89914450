import { describe, expect, test } from "vitest";
import { findFreePort } from "../../tools/free-port.ts";
import { openAccountPage } from "../support/account-page.ts";
import { addAuthenticator } from "../support/authenticator.ts";
import { chromiumPath, expectAccessible, expectToFitPhone, takePicture } from "../support/chromium.ts";
import { serveHttps } from "../support/https-front.ts";
import { createPasskeyCalls } from "../support/passkeys.ts";
import { password } from "../support/people.ts";
import { startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("Passkeys were not tried on the account page: that needs Chromium (Debian's package chromium).");

const ports = { own: await findFreePort(), service: await findFreePort() };
const url = `https://localhost:${ports.own}`;
const service = await startService({ PORT: String(ports.service), ISSUER: url });
const { api, services } = service;
await serveHttps(ports);
const { provenPerson } = createPasskeyCalls(service);

describe.skipIf(chromiumPath === undefined)(
  "20.10 passkeys on the account page, in Chromium",
  { timeout: 300_000 },
  () => {
    const page = openAccountPage(url, api);
    const dialog = (name: string) => page.tab.getByRole("dialog", { name });

    test("one is added, named, signs in by the button, and is removed, which the authenticator hears of", async () => {
      const authenticator = await addAuthenticator(page.tab);
      const email = await owner();
      await page.press("Rename: Passkey", "Passkeys");
      await dialog("Rename").getByLabel("New name").fill("Laptop");
      await page.tab.keyboard.press("Enter");
      await page.part("Passkeys").getByText("Laptop").waitFor();
      await page.press("Add a passkey", "Passkeys");
      await page.told("This device has a passkey of your account already.", "alert");
      await expectAccessible(page.tab);
      await expectToFitPhone(page.tab);
      await page.part("Passkeys").scrollIntoViewIfNeeded();
      await takePicture(page.tab, "account-passkeys-phone");
      await signInByButton();
      await page.heading("Your account");
      await page.tab.getByText(email, { exact: true }).first().waitFor();
      await page.press("Remove: Laptop", "Passkeys");
      await dialog("Remove Laptop?").getByRole("button", { name: "Remove" }).click();
      await page.told("Laptop is removed.");
      await page.part("Passkeys").getByText("You have no passkey yet.").waitFor();
      await expect.poll(authenticator.count).toBe(0);
      expect(page.watch.complaints).toEqual([]);
    });

    test("the field for the address offers it; the suggestion waits until it is picked", async () => {
      const authenticator = await addAuthenticator(page.tab);
      await owner();
      await authenticator.respond(false);
      await page.press("Sign out");
      await page.heading("Sign in");
      const address = page.tab.getByLabel("Email address");
      expect(await address.getAttribute("autocomplete")).toBe("username webauthn");
      await expectAccessible(page.tab);
      await expectToFitPhone(page.tab);
      await takePicture(page.tab, "account-sign-in-passkey-phone");
      expect(await page.tab.getByRole("alert").allInnerTexts()).toEqual(["", ""]);
      // The authenticator's owner picks it.
      await authenticator.respond(true);
      await page.tab.reload();
      await page.heading("Your account");
      expect(page.watch.complaints).toEqual([]);
    });

    test("one that is not known any more says so, and the browser forgets it", async () => {
      const authenticator = await addAuthenticator(page.tab);
      const email = await owner();
      const { json } = await api.post("/auth/login", { body: { email, password, transport: "body" } });
      const accountId = json.data.user.id;
      await authenticator.respond(false);
      await page.press("Sign out");
      await page.heading("Sign in");
      for (const { id } of await services.passkeys.list(accountId)) await services.passkeys.remove({ id, accountId });
      await authenticator.respond(true);
      await page.tab.reload();
      await page.told("This passkey no longer belongs to an account.", "alert");
      await expect.poll(authenticator.count).toBe(0);
    });

    async function showPassword(email: string): Promise<void> {
      await page.heading("Sign in");
      await page.fill("Email address", email);
      await page.fill("Password", password);
      await page.press("Sign in");
    }

    /** Signs out, and in again by the button: without suggestions, which the authenticator would answer at once. */
    async function signInByButton(): Promise<void> {
      await page.tab.route("**/auth/passkeys/sign-in/options", (route) => route.abort());
      await page.press("Sign out");
      await page.told("You are signed out.");
      await page.press("Sign in with a passkey");
      await page.told("The service cannot be reached.", "alert");
      await page.tab.unroute("**/auth/passkeys/sign-in/options");
      await page.press("Sign in with a passkey");
    }

    /** Signs in somebody who has proven their address, and adds a passkey. */
    async function owner(): Promise<string> {
      const { email } = await provenPerson();
      await showPassword(email);
      await page.heading("Your account");
      await page.press("Add a passkey", "Passkeys");
      await page.told("The passkey is added.");
      return email;
    }
  },
);
