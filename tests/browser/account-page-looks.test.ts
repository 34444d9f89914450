import { beforeEach, describe, expect, test } from "vitest";
import { openAccountPage } from "../support/account-page.ts";
import { chromiumPath, expectAccessible, expectToFitPhone, takePicture } from "../support/chromium.ts";
import { password } from "../support/people.ts";
import { certifiedSettings, startCertifiedProvider } from "../support/providers/certified.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log(
    "The account page's languages were not tried in a browser: that needs Chromium (Debian's package chromium).",
  );

const { url, settings } = await chooseAddress();
const provider = await startCertifiedProvider({ redirectUris: [`${url}/auth/oauth/acme/callback`] });
const { api, clock } = await startService({ ...settings, ...certifiedSettings("OIDC_ACME", provider) });

describe.skipIf(chromiumPath === undefined)(
  "17.6 how the account page speaks and looks, in Chromium",
  { timeout: 300_000 },
  () => {
    const page = openAccountPage(url, api);

    // The provider lives in the present.
    beforeEach(() => clock.catchUp());

    test("password managers and pasting: each field says what it is, and none limits what goes in", async () => {
      const autocompletes = () =>
        page.tab.evaluate<string[]>("[...document.querySelectorAll('main input')].map((input) => input.autocomplete)");
      expect(await autocompletes()).toEqual(["username webauthn", "current-password", ""]);
      await page.tab.goto(`${url}/account#register`);
      await page.heading("Create an account");
      expect(await autocompletes()).toEqual(["name", "username", "new-password", ""]);
      expect(await page.tab.locator("[maxlength]").count()).toBe(0);
      const secret = page.tab.getByLabel("Password", { exact: true });
      await secret.fill(password);
      await page.tab.getByLabel("Show password").check();
      expect(await secret.getAttribute("type")).toBe("text");
      await secret.fill("x".repeat(1030));
      await page.tab.getByText("This is too long.").waitFor();
    });

    test.each([
      ["de-AT", "Anmelden", "Passwort vergessen"],
      ["fr-CA", "Connexion", "Mot de passe oublié"],
      ["es-MX", "Iniciar sesión", "He olvidado mi contraseña"],
      ["zh-TW", "登入", "忘記密碼"],
      ["ja-JP", "Sign in", "Forgot password"],
    ])("a browser in %s: %s", async (locale, title, forgot) => {
      const tab = await page.openElsewhere(locale);
      await tab.getByRole("heading", { name: title, exact: true }).waitFor();
      await tab.getByRole("link", { name: forgot, exact: true }).waitFor();
      await expectAccessible(tab);
      await expectToFitPhone(tab);
      await takePicture(tab, `account-sign-in-phone-${locale.slice(0, 2)}`);
      await tab.context().close();
    });

    test("the language can be chosen, keeps what is typed, and is known when the page is opened again", async () => {
      await page.fill("Email address", "ada@example.com");
      await page.tab.getByLabel("Language").selectOption("de");
      await page.heading("Anmelden");
      expect(await page.tab.evaluate("document.documentElement.lang")).toBe("de");
      expect(await page.tab.getByLabel("E-Mail-Adresse").inputValue()).toBe("ada@example.com");
      expect(await page.tab.evaluate("document.activeElement.tagName")).toBe("SELECT");
      await page.tab.reload();
      await page.heading("Anmelden");
    });

    test.each(["light", "dark"] as const)(
      "in %s, axe finds nothing serious, on a phone neither",
      async (colorScheme) => {
        await page.tab.emulateMedia({ colorScheme });
        await page.tab.getByRole("button", { name: "Continue with Acme" }).waitFor();
        await expectAccessible(page.tab);
        await takePicture(page.tab, `account-sign-in-${colorScheme}`);
        await expectToFitPhone(page.tab);
        await expectAccessible(page.tab);
        await takePicture(page.tab, `account-sign-in-phone-${colorScheme}`);
      },
    );
  },
);
