import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { openAccountPage } from "../support/account-page.ts";
import { chromiumPath, expectAccessible, expectToFitPhone, takePicture } from "../support/chromium.ts";
import { latestMail } from "../support/mails.ts";
import { password } from "../support/people.ts";
import { certifiedSettings, startCertifiedProvider } from "../support/providers/certified.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("The account was not tried in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const provider = await startCertifiedProvider({ redirectUris: [`${url}/auth/oauth/acme/callback`] });
const { api, clock, services } = await startService({ ...settings, ...certifiedSettings("OIDC_ACME", provider) });

describe.skipIf(chromiumPath === undefined)(
  "17.6 the account page, signed in, in Chromium",
  { timeout: 300_000 },
  () => {
    const page = openAccountPage(url, api);
    const dialog = (name: string) => page.tab.getByRole("dialog", { name });
    const pressThere = (title: string, name: string) =>
      dialog(title).getByRole("button", { name, exact: true }).click();
    const confirm = async () => {
      await dialog("Is it still you?").getByLabel("Password", { exact: true }).fill(password);
      await pressThere("Is it still you?", "Confirm");
    };
    /** Longer than a sign-in is fresh. */
    const age = () => clock.advance(301);

    // The provider lives in the present.
    beforeEach(() => clock.catchUp());

    // First, before the service's clock is far ahead of the provider's.
    test("an account of a provider sets its first password, and can then sign in with it", async () => {
      provider.people.set("joan", { email: "joan@example.com", name: "Joan", email_verified: true });
      await page.press("Continue with Acme");
      await page.tab.fill("[name=login]", "joan");
      await page.tab.fill("[name=password]", "any");
      await page.tab.click("[type=submit]");
      await page.tab.click("text=Continue");
      await page.heading("Your account");
      await page.part("Password").getByText("Your account has no password yet.").waitFor();
      await page.fill("New password", password, "Password");
      await page.press("Set a password");
      await page.told("Your password is set.");
      await page.tab.reload();
      await page.part("Password").getByLabel("Current password").waitFor();
      await page.press("Unlink Acme", "Ways to sign in");
      await page.told("Acme is unlinked.");
    });

    test("ways to sign in: a provider is linked there and back, and unlinked", async () => {
      provider.people.set("grace", { email: "grace@example.com", name: "Grace" });
      await page.signIn();
      await page.part("Ways to sign in").getByText("Not linked").waitFor();
      await page.press("Link Acme", "Ways to sign in");
      await page.tab.fill("[name=login]", "grace");
      await page.tab.fill("[name=password]", "any");
      await page.tab.click("[type=submit]");
      await page.tab.click("text=Continue");
      await page.heading("Your account");
      await page.part("Ways to sign in").getByText("grace@example.com").waitFor();
      age();
      await page.press("Unlink Acme", "Ways to sign in");
      await confirm();
      await page.told("Acme is unlinked. All other devices are signed out.");
      await page.part("Ways to sign in").getByText("Not linked").waitFor();
    });

    test("the profile: a name, and a language that the page then speaks too", async () => {
      await page.signIn();
      await page.fill("Name", "Ada Lovelace", "Profile");
      await page.press("Save");
      await page.part("Profile").getByText("Saved.").waitFor();
      await page.part("Profile").getByLabel("Language of our mails").selectOption("de");
      await page.heading("Ihr Konto");
      expect(await page.tab.getByLabel("Name", { exact: true }).inputValue()).toBe("Ada Lovelace");
      await page.tab.reload();
      await page.heading("Ihr Konto");
      await expectAccessible(page.tab);
      await takePicture(page.tab, "account-de", { fullPage: true });
      await expectToFitPhone(page.tab);
      await takePicture(page.tab, "account-phone-de", { fullPage: true });
      expect(page.watch.complaints).toEqual([]);
    });

    test("the address: a change waits for the mail to the new one, and asks who it is when the sign-in is old", async () => {
      const email = await page.signIn();
      age();
      await page.fill("New email address", "new.address@example.com");
      await page.press("Change the address");
      await takePicture(page.tab, "account-proof");
      await expectAccessible(page.tab);
      await dialog("Is it still you?").getByLabel("Password", { exact: true }).fill("not this one, alas");
      await pressThere("Is it still you?", "Confirm");
      await dialog("Is it still you?").getByRole("alert").filter({ hasText: "The password is wrong." }).waitFor();
      await confirm();
      await page.told("We have sent a mail to new.address@example.com.");
      await page.part("Email address").getByText(`${email} is not confirmed yet.`).waitFor();
      const { token } = (await latestMail(services, "confirm_email", "new.address@example.com")).data;
      expect((await api.post("/auth/email/confirm", { body: { token } })).status).toBe(200);
      await page.tab.reload();
      await page.part("Email address").getByText("new.address@example.com is confirmed.").waitFor();
      await page.fill("New email address", "other@example.com");
      age();
      await page.press("Change the address");
      await dialog("Is it still you?").waitFor();
      await page.tab.keyboard.press("Escape");
      await page.told("Nothing was changed, because you did not confirm that it is you.", "alert");
    });

    test("the password: a wrong one, one that is refused, and a change that ends the other devices", async () => {
      const email = await page.signIn();
      const other = await api.post("/auth/login", { body: { email, password } });
      const fresh = `${password} anew`;
      await page.fill("Current password", "not this one, alas");
      await page.fill("New password", fresh);
      await page.press("Change the password");
      await page.told("The password is wrong.", "alert");
      await page.fill("New password", "short");
      await page.press("Change the password");
      await page.part("Password").getByText("A password needs at least 15 characters.").waitFor();
      await page.fill("Current password", password);
      await page.fill("New password", password);
      await page.press("Change the password");
      await page.part("Password").getByText("Choose another password.", { exact: true }).waitFor();
      await page.fill("New password", fresh);
      await page.press("Change the password");
      await page.told("Your password is changed. All other devices are signed out.");
      expect(await page.part("Password").getByLabel("New password").inputValue()).toBe("");
      expect((await api.post("/auth/refresh", { cookie: other.cookie })).status).toBe(401);
      expect((await api.post("/auth/login", { body: { email, password: fresh } })).status).toBe(200);
    });

    test("devices: this one is marked; another is signed out, and then all others", async () => {
      const email = await page.signIn();
      const devices = page.part("Devices");
      await devices.getByText("You are not signed in on any other device.").waitFor();
      const agents = ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "curl/8", "curl/9"];
      for (const agent of agents)
        await api.post("/auth/login", { body: { email, password }, headers: { "User-Agent": agent } });
      await page.tab.reload();
      await devices.getByText("Firefox on Linux").waitFor();
      expect(await devices.getByRole("listitem").count()).toBe(4);
      expect(await devices.getByText("This device", { exact: true }).count()).toBe(1);
      await takePicture(page.tab, "account", { fullPage: true });
      await page.press("Sign out: Firefox on Linux", "Devices");
      await page.told("Firefox on Linux is signed out.");
      expect(await devices.getByRole("listitem").count()).toBe(3);
      await page.press("Sign out all other devices", "Devices");
      await page.told("All other devices are signed out.");
      expect(await devices.getByRole("listitem").count()).toBe(1);
      expect(await page.tab.evaluate("document.activeElement.textContent")).toBe("Devices");
      await expectAccessible(page.tab);
    });

    test("activity: newest first, in words, a page at a time", async () => {
      const email = await page.signIn();
      for (let round = 0; round < 24; round += 1) await api.post("/auth/login", { body: { email, password } });
      await page.tab.reload();
      const activity = page.part("Activity");
      await activity.getByText("Signed in").first().waitFor();
      expect(await activity.getByRole("listitem").count()).toBe(20);
      await page.press("Show more", "Activity");
      await expect.poll(() => activity.getByRole("listitem").count()).toBeGreaterThanOrEqual(25);
      await activity.getByText("Account created").waitFor();
      expect(await activity.getByRole("button").count()).toBe(0);
      expect(await page.tab.evaluate("document.activeElement.tagName")).toBe("LI");
    });

    test("the data comes as a file; deletion warns, signs out, says when, and is taken back by signing in", async () => {
      const email = await page.signIn();
      age();
      const downloading = page.tab.waitForEvent("download");
      await page.press("Download my data");
      await confirm();
      const download = await downloading;
      expect(download.suggestedFilename()).toMatch(/^account-\d{4}-\d\d-\d\d\.json$/);
      expect(JSON.parse(readFileSync(await download.path(), "utf8"))).toMatchObject({ user: { email } });
      await page.told("The file is among your downloads.");
      await page.press("Delete my account…");
      const title = "Delete your account?";
      expect(await dialog(title).innerText()).toContain(email);
      expect(await dialog(title).innerText()).toMatch(/Until \w+ \d+, \d{4}, you can sign in to keep it\./);
      expect(await page.tab.evaluate("document.activeElement.textContent")).toBe("Cancel");
      await expectAccessible(page.tab);
      await takePicture(page.tab, "account-delete");
      await page.tab.keyboard.press("Escape");
      await page.press("Delete my account…");
      await pressThere(title, "Delete my account");
      await page.heading("This account will be deleted");
      await page.told(/It will be deleted on \w+ \d+, \d{4} at /);
      await takePicture(page.tab, "account-deleted");
      await page.tab.getByRole("link", { name: "Back to sign-in" }).click();
      await page.fill("Email address", email);
      await page.fill("Password", password);
      await page.press("Sign in");
      await page.heading("This account will be deleted");
      await page.tab.getByText(/That will happen on \w+ \d+, \d{4} at /).waitFor();
      await expectAccessible(page.tab);
      await page.press("Keep my account");
      await page.heading("Your account");
      expect(page.watch.complaints).toEqual([]);
    });

    test("another tab: a sign-out and a sign-in there show here", async () => {
      const email = await page.signIn();
      const other = await page.context.newPage();
      await other.goto(`${url}/account`);
      await other.getByRole("button", { name: "Sign out", exact: true }).first().click();
      await page.told("You are signed out.");
      await other.getByLabel("Email address").fill(email);
      await other.getByLabel("Password", { exact: true }).fill(password);
      await other.keyboard.press("Enter");
      await page.heading("Your account");
    });

    test.each(["light", "dark"] as const)(
      "in %s, axe finds nothing serious, on a phone neither",
      async (colorScheme) => {
        await page.tab.emulateMedia({ colorScheme });
        await page.signIn(`alexandra.konstantinopoulou.${colorScheme}@informatik.example.com`);
        await page.part("Activity").getByRole("listitem").first().waitFor();
        await page.part("Devices").getByRole("listitem").first().waitFor();
        await expectAccessible(page.tab);
        await takePicture(page.tab, `account-${colorScheme}`, { fullPage: true });
        await expectToFitPhone(page.tab);
        await expectAccessible(page.tab);
        await takePicture(page.tab, `account-phone-${colorScheme}`, { fullPage: true });
        expect(page.watch.complaints).toEqual([]);
      },
    );
  },
);
