import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { openAccountPage } from "../support/account-page.ts";
import { startCaptchaProvider } from "../support/captcha-provider.ts";
import { serveWidget } from "../support/captcha-widget.ts";
import { chromiumPath, expectAccessible, expectToFitPhone, takePicture } from "../support/chromium.ts";
import { password, registerPerson } from "../support/people.ts";
import { openTestPage } from "../support/test-page.ts";
import { chooseAddress, startService, withSettings } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("The captcha was not solved in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const turnstile = await startCaptchaProvider("turnstile");
const hcaptcha = await startCaptchaProvider("hcaptcha");
const counting = { ...settings, RATE_LIMITS: "on", RATE_LIMIT_CREDENTIALS: "off", RATE_LIMIT_REGISTRATION: "off" };
const service = await startService({ ...counting, ...turnstile.settings });
const { api, clock } = service;

describe.skipIf(chromiumPath === undefined)(
  "the captcha on the account page, in Chromium",
  { timeout: 300_000 },
  () => {
    const page = openAccountPage(url, api);

    test.each(["turnstile", "hcaptcha"] as const)(
      "%s: it is solved by the keyboard, and the sign-in goes on by itself",
      async (kind) => {
        const provider = { turnstile, hcaptcha }[kind];
        withSettings(service, { ...counting, ...provider.settings });
        await page.tab.reload();
        const served = await serveWidget(page.context, kind, () =>
          provider.solve({ at: clock.now(), action: "login" }),
        );
        await page.fill("Email address", await registerPerson(api));
        for (let count = 0; count < 3; count += 1) {
          await page.fill("Password", `${password}${count}`);
          await page.press("Sign in");
          await page.told("The email address or the password is wrong.", "alert");
        }
        expect(served.asked).toEqual([]);
        await page.fill("Password", password);
        await page.press("Sign in");
        await page.told("Confirm that you are a person. After that, we continue automatically.");
        await widget(kind).waitFor();
        expect(await page.tab.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Captcha");
        await expectAccessible(page.tab);
        await takePicture(page.tab, `account-captcha-${kind}`);
        await page.tab.keyboard.press("Tab");
        await expect
          .poll(() => widget(kind).evaluate((button) => button === button.ownerDocument.activeElement))
          .toBe(true);
        await page.tab.keyboard.press("Enter");
        await page.heading("Your account");
        expect(served.asked).toHaveLength(1);
        expect(served.rendered).toMatchObject([{ sitekey: `site-key-of-${kind}`, theme: "light", size: "normal" }]);
        expect(provider.bodies).toHaveLength(1);
        expect(page.watch.complaints).toEqual([]);
      },
    );

    test("on a dark phone, in Chinese: the widget is small and dark, and speaks Chinese", async () => {
      const served = await serveWidget(page.context, "turnstile", () => "a-token");
      await page.tab.emulateMedia({ colorScheme: "dark" });
      await expectToFitPhone(page.tab);
      await page.tab.getByLabel("Language").selectOption("zh-Hant");
      await askOnce("turnstile");
      await page.fill("電子郵件地址", "ada@example.com");
      await page.fill("密碼", password);
      await page.press("登入");
      await page.told("請確認您是真人");
      await widget("turnstile").waitFor();
      await expectToFitPhone(page.tab);
      await expectAccessible(page.tab);
      await takePicture(page.tab, "account-captcha-phone-dark");
      await widget("turnstile").click();
      await page.told("電子郵件地址或密碼不正確", "alert");
      expect(served.rendered).toMatchObject([{ action: "login", language: "zh-TW", theme: "dark", size: "compact" }]);
    });

    test("a script that is blocked, and a widget that fails: the page says so, and tries again when asked", async () => {
      await page.context.route("https://challenges.cloudflare.com/**", (route) => route.abort());
      await askOnce("turnstile");
      await trySignIn();
      await page.told("The captcha could not be shown.", "alert");
      await page.context.unroute("https://challenges.cloudflare.com/**");
      await serveWidget(page.context, "turnstile", () => "");
      await askOnce("turnstile");
      await page.press("Sign in");
      await widget("turnstile").click();
      await page.told("The captcha could not be shown.", "alert");
      expect(await page.tab.locator("iframe").count()).toBe(0);
      await page.press("Sign in");
      await page.heading("Your account");
    });

    test("too many attempts: the button waits and counts down, and then the page says that it is over", async () => {
      await page.tab.clock.install();
      await refuseOnce(page.tab, 429, { error_code: "RATE_LIMITED" }, { "Retry-After": "120" });
      await trySignIn();
      await page.told("That was too many attempts. Try again in 2 minutes.", "alert");
      const button = page.tab.getByRole("button", { name: "Sign in", exact: true });
      await page.tab.clock.runFor(3000);
      expect(await button.textContent()).toMatch(/^Sign in · 1:5[5-9]$/);
      await expectAccessible(page.tab);
      await takePicture(page.tab, "account-too-often");
      let calls = 0;
      page.tab.on("request", (request) => (calls += request.url().endsWith("/auth/login") ? 1 : 0));
      await button.click({ force: true });
      await page.tab.clock.runFor(120_000);
      await page.told("You can try again now.");
      expect([calls, await button.textContent()]).toEqual([0, "Sign in"]);
      await button.click();
      await page.heading("Your account");
    });

    test("asked for twice, the first widget is removed; solved while the button waits, it is kept for the next call", async () => {
      await page.tab.clock.install();
      await serveWidget(page.context, "turnstile", () => "a-token");
      await askOnce("turnstile");
      await trySignIn();
      await widget("turnstile").waitFor();
      await askOnce("turnstile");
      await page.press("Sign in");
      await expect.poll(() => page.tab.evaluate("turnstile.removed")).toBe(1);
      await refuseOnce(page.tab, 429, { error_code: "RATE_LIMITED" }, { "Retry-After": "120" });
      await page.press("Sign in");
      await page.told("That was too many attempts.", "alert");
      await widget("turnstile").click();
      await expect.poll(() => page.tab.locator("iframe").count()).toBe(0);
      await page.tab.clock.runFor(121_000);
      await page.told("You can try again now.");
      const sent = page.tab.waitForRequest("**/auth/login");
      await page.press("Sign in");
      expect((await sent).postDataJSON()).toMatchObject({ captcha_token: "a-token" });
      expect(await page.tab.evaluate("turnstile.removed")).toBe(2);
    });

    test.each([
      ["VALIDATION_ERROR", "Something is not filled in correctly.", { fields: [null] }],
      ["PASSWORD_COMPROMISED", "This password has become known in a data leak, so it no longer works here.", {}],
      ["ADDRESS_NOT_ALLOWED", "Your network may not use this service.", {}],
    ])("%s: the page says what to do", async (error_code, said, details) => {
      await refuseOnce(page.tab, 403, { error_code, details });
      await trySignIn();
      await page.told(said, "alert");
      await expectAccessible(page.tab);
    });

    /** Has the service ask for a captcha once, as it does after suspicious failures. */
    function askOnce(provider: "turnstile" | "hcaptcha") {
      const details = { provider, site_key: "site-key", action: "login" };
      return refuseOnce(page.tab, 403, { error_code: "CAPTCHA_REQUIRED", details });
    }

    function widget(provider: string) {
      return page.tab.frameLocator(`iframe[title="Widget of ${provider}"]`).getByRole("button");
    }

    async function trySignIn(): Promise<void> {
      await page.fill("Email address", await registerPerson(api));
      await page.fill("Password", password);
      await page.press("Sign in");
    }
  },
);

describe.skipIf(chromiumPath === undefined)("the captcha on the test page, in Chromium", { timeout: 300_000 }, () => {
  const page = openTestPage(url, api);

  test("shows what the service asks for, and the step is repeated with the solved captcha", async () => {
    await serveWidget(page.context, "turnstile", () => turnstile.solve({ at: clock.now(), action: "login" }));
    const email = await registerPerson(api);
    await page.fill(email, `${password}!`);
    for (let count = 0; count < 3; count += 1) {
      await page.press("Log in");
      await page.told("401 INVALID_CREDENTIALS");
    }
    await page.fill(email);
    await page.press("Log in");
    await page.told("403 CAPTCHA_REQUIRED: A captcha must be solved first.");
    await page.tab.frameLocator("iframe").getByRole("button").click();
    await page.told("Logged in as");
    expect(page.watch.complaints).toEqual([]);
  });
});

/** Answers the next sign-in in place of the service. */
function refuseOnce(tab: Page, status: number, said: object, headers: Record<string, string> = {}): Promise<unknown> {
  const json = { success: false, status_code: status, message: "No", details: {}, ...said };
  return tab.route("**/auth/login", (route) => route.fulfill({ status, json, headers }), { times: 1 });
}
