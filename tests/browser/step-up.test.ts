import { beforeEach, describe, expect, test } from "vitest";
import { chromiumPath, expectAccessible, expectToFitPhone, takePicture } from "../support/chromium.ts";
import { password } from "../support/people.ts";
import { certifiedSettings, startCertifiedProvider } from "../support/providers/certified.ts";
import { chooseAddress, startService } from "../support/service.ts";
import { openTestPage } from "../support/test-page.ts";

if (chromiumPath === undefined)
  console.log("Reauthentication was not tried in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const provider = await startCertifiedProvider({ redirectUris: [`${url}/auth/oauth/acme/callback`] });
const { api, clock, services } = await startService({
  ...settings,
  ...certifiedSettings("OIDC_ACME", provider),
});

describe.skipIf(chromiumPath === undefined)(
  "15.2 the test page's ways to sign in, in Chromium",
  { timeout: 300_000 },
  () => {
    const page = openTestPage(url, api);
    const dialog = () => page.tab.getByRole("dialog", { name: "Is it still you?" });
    const pressThere = (name: string) => dialog().getByRole("button", { name, exact: true }).click();

    // The provider lives in the present.
    beforeEach(() => clock.catchUp());

    test("list, link, unlink; a sign-in that is too old asks for the password first", async () => {
      provider.people.set("ada", { email: "elsewhere@example.com" });
      await page.logIn();
      await page.press("List");
      await page.told("Sign-in methods: password.");
      await age();
      await page.tab.getByLabel("Provider").fill("acme");
      await page.press("Link");
      await dialog().getByLabel("Your password").fill("not this one, alas");
      await expectAccessible(page.tab);
      await pressThere("Confirm");
      await dialog().getByRole("alert").filter({ hasText: "password is wrong" }).waitFor();
      await expectToFitPhone(page.tab);
      await expectAccessible(page.tab);
      await takePicture(page.tab, "test-login-reauthenticate");
      await dialog().getByLabel("Your password").fill(password);
      await page.tab.keyboard.press("Enter");
      await signInThere("ada");
      await page.press("List");
      await page.told("Sign-in methods: password, acme (elsewhere@example.com).");
      await page.tab.getByLabel("Provider").fill("acme");
      await page.press("Unlink");
      await page.told("Unlinked. Sign-in methods: password.");
      expect(page.watch.complaints).toEqual([]);
    });

    test("Escape and Cancel give up, and the page says what was required", async () => {
      await page.logIn();
      await age();
      for (const giveUp of [() => page.tab.keyboard.press("Escape"), () => pressThere("Cancel")]) {
        await page.tab.getByLabel("Provider").fill("acme");
        await page.press("Unlink");
        await dialog().waitFor();
        await giveUp();
        await page.told("403 REAUTHENTICATION_REQUIRED");
        await dialog().waitFor({ state: "hidden" });
      }
      expect(await page.region("Access token").innerText()).toContain("Logged in as");
    });

    test("the password is in nothing that the page shows", async () => {
      await page.logIn();
      await age();
      await page.tab.getByLabel("Provider").fill("acme");
      await page.press("Unlink");
      await dialog().getByLabel("Your password").fill(password);
      await pressThere("Confirm");
      await page.told("404 IDENTITY_NOT_FOUND");
      await page.region("Requests and answers").getByText("POST /auth/reauthenticate").click();
      expect(await page.tab.locator("body").innerText()).not.toContain(password);
    });

    test("somebody without a password signs in at the provider again", async () => {
      provider.people.set("grace", { email: "grace@example.com" });
      await page.tab.getByRole("link", { name: "Sign in with" }).click();
      await signInThere("grace");
      await age();
      await page.tab.getByLabel("Provider").fill("acme");
      await page.press("Unlink");
      await pressThere("Sign in again with Acme");
      // The provider has a session of hers, and is asked not to take it for an answer.
      await fillInThere("grace");
      await page.tab.waitForURL(/\/test-login/);
      await page.region("Access token").filter({ hasText: "Logged in as grace@example.com." }).waitFor();
      await page.tab.getByLabel("Provider").fill("acme");
      await page.press("Unlink");
      await page.told("409 LAST_SIGN_IN_METHOD");
    });

    test("one is offered what the account has, and told when somebody else has come back from a provider", async () => {
      await page.logIn();
      await age();
      await page.tab.getByLabel("Provider").fill("acme");
      await page.press("Unlink");
      await dialog().waitFor();
      expect(await dialog().getByRole("button").allInnerTexts()).toEqual(["Confirm", "Cancel"]);
      await pressThere("Cancel");
      await page.press("Log out");
      await page.told("Logged out");

      for (const who of ["alan", "edsger"]) provider.people.set(who, { email: `${who}@example.com` });
      await page.tab.getByRole("link", { name: "Sign in with" }).click();
      await signInThere("alan");
      await age();
      await page.tab.getByLabel("Provider").fill("acme");
      await page.press("Unlink");
      await dialog().waitFor();
      expect(await dialog().getByRole("button").allInnerTexts()).toEqual(["Sign in again with Acme", "Cancel"]);
      await expectAccessible(page.tab);
      await page.context.clearCookies({ domain: "127.0.0.1" });
      await pressThere("Sign in again with Acme");
      await signInThere(
        "edsger",
        "A different person came back from the provider: edsger@example.com is now logged in.",
      );
      await page.tab.reload();
      await page.told("Logged in as edsger");
    });

    /** Makes every sign-in too old, while the service's clock stays the provider's. */
    const age = () => {
      const sessions = services.database.queries.withTables<{ sessions: { authenticated_at: Date } }>();
      const earlier = new Date(clock.now().getTime() - 301_000);
      return sessions.updateTable("sessions").set({ authenticated_at: earlier }).execute();
    };

    async function fillInThere(login: string): Promise<void> {
      await page.tab.fill("[name=login]", login);
      await page.tab.fill("[name=password]", "any");
      await page.tab.click("[type=submit]");
    }

    /** @param told what the page says in the end */
    async function signInThere(login: string, told = "Logged in as"): Promise<void> {
      await fillInThere(login);
      await page.tab.click("text=Continue");
      await page.tab.waitForURL(/\/test-login/);
      await page.told(told);
    }
  },
);
