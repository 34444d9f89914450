import { describe, expect, test } from "vitest";
import { totpAt } from "../../shared/mfa/totp.ts";
import { openAccountPage } from "../support/account-page.ts";
import { chromiumPath, expectAccessible, expectToFitPhone, takePicture } from "../support/chromium.ts";
import { latestMail } from "../support/mails.ts";
import { password } from "../support/people.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { chooseAddress, startService, withSettings } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("Second factors were not tried on the account page: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const service = await startService(settings);
const { api, clock, services } = service;
const { protectedPerson, recoveryCodes, codeOf, wrongCode } = createFactorCalls(service);

describe.skipIf(chromiumPath === undefined)(
  "20.10 second factors on the account page, in Chromium",
  { timeout: 300_000 },
  () => {
    const page = openAccountPage(url, api);
    const part = "Two-step sign-in";
    const dialog = (name: string) => page.tab.getByRole("dialog", { name });

    test("an app is added by its QR code and first code, with recovery codes; then the sign-in takes a code", async () => {
      const email = await provenOwner();
      await page.press("Add an authenticator app", part);
      await page.tab.getByRole("img", { name: "QR code for your authenticator app" }).waitFor();
      expect(await page.tab.getByRole("link", { name: "Open it in an app" }).getAttribute("href")).toMatch(/^otpauth:/);
      await page.press("Add the app");
      await page.tab.getByText("Enter the six digits that your app shows.").waitFor();
      await expectAccessible(page.tab);
      await expectToFitPhone(page.tab);
      await page.part(part).scrollIntoViewIfNeeded();
      await takePicture(page.tab, "account-add-app-phone");
      const secret = await confirmApp();
      await page.told("The app is added.");
      const codes = page.tab.getByRole("group", { name: "Your recovery codes" });
      const shown = await codes.getByRole("listitem").allInnerTexts();
      expect(shown).toHaveLength(10);
      await expectAccessible(page.tab);
      await expectToFitPhone(page.tab);
      await codes.scrollIntoViewIfNeeded();
      await takePicture(page.tab, "account-recovery-codes-phone");
      await page.context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.press("Copy");
      await page.told("Copied.");
      const download = page.tab.waitForEvent("download");
      await page.press("Download");
      expect((await download).suggestedFilename()).toBe("recovery-codes.txt");
      await page.press("I have saved them");
      expect(await codes.count()).toBe(0);
      await page.press("Sign out");

      clock.advance(60);
      await showPassword(email);
      await page.heading("Second step");
      await page.fill("Code from your app", wrongCode({ secret }));
      await page.press("Confirm");
      await page.told("This code is wrong, or was used before.", "alert");
      await expectAccessible(page.tab);
      await takePicture(page.tab, "account-second-step-phone");
      const code = page.tab.getByLabel("Code from your app");
      expect([await code.getAttribute("autocomplete"), await code.getAttribute("inputmode")]).toEqual([
        "one-time-code",
        "numeric",
      ]);
      await page.tab.getByLabel("Do not ask again on this device for 30 days").check();
      await code.fill(codeOf({ secret }).replace(/^.../, "$& "));
      await page.tab.keyboard.press("Enter");
      await page.heading("Your account");
      await page.part(part).getByText("Codes left: 10.").waitFor();
      await page.press("Sign out");
      await showPassword(email);
      await page.heading("Your account");
      await page.part(part).getByText("Signing in on these devices takes no second step").waitFor();
      await expectAccessible(page.tab);
      await page.part(part).scrollIntoViewIfNeeded();
      await takePicture(page.tab, "account-remembered-phone");
      await page.press("Ask again: Chrome on Linux", part);
      await page.told("Signing in takes the second step again: Chrome on Linux.");
      await page.press("Sign out");
      await showPassword(email);
      await page.press("Use a recovery code");
      await page.fill("Recovery code", ` ${shown[0]?.toLowerCase()}`);
      await page.press("Confirm");
      await page.heading("Your account");
      await page.part(part).getByText("Codes left: 9.").waitFor();
      expect(page.watch.complaints).toEqual([]);
      expect([...page.watch.asked]).toEqual([url]);
    });

    test("a stale sign-in shows the factor again, not the password; apps are renamed and removed", async () => {
      const person = await protectedPerson();
      const [recovery = ""] = await recoveryCodes(person);
      await showPassword(person.email);
      await page.fill("Code from your app", codeOf(person));
      await page.press("Confirm");
      await page.heading("Your account");
      await page.press("Rename: Phone", part);
      const name = dialog("Rename").getByLabel("New name");
      await name.fill("x".repeat(51));
      await dialog("Rename").getByRole("button", { name: "Save" }).click();
      await dialog("Rename").getByText("A name has 50 characters at most.").waitFor();
      expect(await name.inputValue(), "what was typed stays").toHaveLength(51);
      await name.fill("Old phone");
      await expectAccessible(page.tab);
      await dialog("Rename").getByRole("button", { name: "Save" }).click();
      await page.part(part).getByText("Old phone").waitFor();
      clock.advance(301);
      await page.press("Remove: Old phone", part);
      await dialog("Remove Old phone?").getByText("This is your only app.").waitFor();
      await dialog("Remove Old phone?").getByRole("button", { name: "Remove" }).click();
      const proof = dialog("Is it still you?");
      await proof.getByLabel("Code from your app").fill(wrongCode(person));
      await proof.getByRole("button", { name: "Confirm" }).click();
      await proof.getByRole("alert").filter({ hasText: "This code is wrong" }).waitFor();
      expect(await proof.getByLabel("Password").count()).toBe(0);
      await expectAccessible(page.tab);
      await expectToFitPhone(page.tab);
      await takePicture(page.tab, "account-proof-phone");
      await proof.getByRole("button", { name: "Use a recovery code" }).click();
      await proof.getByLabel("Recovery code").fill(recovery);
      await page.tab.keyboard.press("Enter");
      await page.told("Old phone is removed.");
      await page.part(part).getByText("Add an authenticator app, and signing in takes").waitFor();
      expect(page.watch.complaints).toEqual([]);
    });

    test("where a second step is required, the sign-in enrols an app; the language may change meanwhile", async () => {
      const email = await provenOwner();
      await page.press("Sign out");
      withSettings(service, { ...settings, MFA_REQUIRED: "all" });
      await showPassword(email);
      await page.heading("Add a second step");
      const key = () => page.tab.locator("code.secret").innerText();
      const first = await key();
      await page.tab.getByLabel("Language").selectOption("de");
      await page.heading("Zweiten Schritt einrichten");
      expect(await key()).toBe(first);
      await expectAccessible(page.tab);
      await expectToFitPhone(page.tab);
      await takePicture(page.tab, "account-enrolment-phone-de");
      await page.tab.getByLabel("Sprache").selectOption("en");
      await confirmApp();
      await page.heading("Your account");
      await page.part(part).getByText("You have no recovery codes.").waitFor();
      expect(page.watch.complaints).toEqual([]);
    });

    test("a sign-in that took too long begins anew, and whoever has not proven their address does so first", async () => {
      const person = await protectedPerson();
      await showPassword(person.email);
      await page.heading("Second step");
      clock.advance(301);
      await page.fill("Code from your app", codeOf(person));
      await page.press("Confirm");
      await page.heading("Sign in");
      await page.told("That took too long, or too many codes were wrong.", "alert");
      await page.signIn();
      await page.part(part).getByText("Confirm your email address first.").waitFor();
    });

    test.each(["de-AT", "fr-CA", "es-MX", "zh-TW"])("it fits a phone in %s", async (locale) => {
      const person = await protectedPerson();
      const tab = await page.openElsewhere(locale);
      await tab.locator("[name=email]").fill(person.email);
      await tab.locator("[name=password]").fill(password);
      await tab.locator("[type=submit]").click();
      await tab.locator("[name=app_code]").waitFor();
      await expectToFitPhone(tab);
      await tab.locator("[name=app_code]").fill(codeOf(person));
      await tab.keyboard.press("Enter");
      // The account is English; what is chosen on the page holds.
      await tab.locator("header select").selectOption(locale === "zh-TW" ? "zh-Hant" : locale.slice(0, 2));
      await tab.locator("section ul.rows .buttons").first().waitFor();
      await expectAccessible(tab);
      await expectToFitPhone(tab);
      await takePicture(tab, `account-factors-phone-${locale.slice(0, 2)}`, { fullPage: true });
      await tab.context().close();
    });

    async function showPassword(email: string): Promise<void> {
      await page.heading("Sign in");
      await page.fill("Email address", email);
      await page.fill("Password", password);
      await page.press("Sign in");
    }

    /** Signs somebody in who has proven their address. */
    async function provenOwner(): Promise<string> {
      const email = await page.signIn();
      const { token } = (await latestMail(services, "verify_email", email)).data;
      expect((await api.post("/auth/email/verify", { body: { token } })).status).toBe(200);
      await page.tab.reload();
      await page.heading("Your account");
      return email;
    }

    /** Types the first code of the app that the page shows, and takes the secret away. */
    async function confirmApp(): Promise<string> {
      const secret = (await page.tab.locator("code.secret").innerText()).replaceAll(" ", "");
      await page.fill("Code from your app", totpAt(secret, clock.now()));
      await page.press("Add the app");
      return secret;
    }
  },
);
