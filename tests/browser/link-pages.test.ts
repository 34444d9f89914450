import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { locales } from "../../shared/platform/locale.ts";
import { createAccountCalls, newAddress } from "../support/accounts.ts";
import {
  chromiumPath,
  closeTabs,
  expectAccessible,
  expectToFitPhone,
  openChromium,
  takePicture,
  watchPage,
} from "../support/chromium.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log(
    "The pages of mailed links were not opened in a browser: that needs Chromium (Debian's package chromium).",
  );

const { url, settings } = await chooseAddress();
const service = await startService(settings);
const { register, logIn, forgot, mailed } = createAccountCalls(service);

describe.skipIf(chromiumPath === undefined)("pages that mailed links open, in Chromium", { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(closeTabs);

  // Colours are the same in every language.
  test.each([...locales.map((locale) => ["light", locale] as const), ["dark", "en"] as const])(
    "in %s and %s: they are shown under their policy, fit a phone, and axe finds nothing serious",
    async (colorScheme, locale) => {
      const { verify, reset } = await links();
      const dead = `${url}/auth/password/reset?token=dead`;
      const tab = await browser.newPage({ colorScheme, locale });
      const { complaints } = watchPage(tab);
      for (const [name, address] of Object.entries({ verify, reset, dead })) {
        await tab.setViewportSize({ width: 900, height: 700 });
        await tab.goto(address);
        await takePicture(tab, `link-${name}-${locale}-${colorScheme}`);
        await expectToFitPhone(tab);
        await takePicture(tab, `link-${name}-${locale}-phone-${colorScheme}`, { fullPage: true });
        // Chromium itself reports the status of a dead link.
        expect(complaints.filter((text) => !text.includes("400"))).toEqual([]);
        const html = await tab.content();
        await tab.goto("about:blank");
        await tab.setContent(html);
        await expectAccessible(tab);
      }
      await tab.close();
    },
  );

  test("with the keyboard alone: an address is confirmed, a refused password told, the next one taken", async () => {
    const { email, verify, reset } = await links();
    const tab = await browser.newPage();
    await tab.goto(verify);
    await tab.keyboard.press("Tab");
    await tab.keyboard.press("Enter");
    await tab.getByRole("heading", { name: "Your address is confirmed" }).waitFor();
    await tab.getByRole("link", { name: "Go to your account" }).click();
    await tab.waitForURL(`${url}/account`);
    await tab.goto(reset);
    await tab.getByLabel("New password").fill("               "); // long enough for the browser
    await tab.getByLabel("New password").evaluate((field) => field.removeAttribute("minlength"));
    await tab.getByLabel("New password").fill("too short");
    await tab.keyboard.press("Enter");
    await tab.getByRole("alert").waitFor();
    await takePicture(tab, "link-reset-refused");
    await tab.getByLabel("New password").fill("another pass phrase");
    await tab.keyboard.press("Enter");
    await tab.getByRole("heading", { name: "Your password is changed" }).waitFor();
    expect((await logIn(email, "another pass phrase")).json.data.user.email_verified).toBe(true);
  });

  test("a dead link's form sends another mail", async () => {
    const { email, verify } = await links();
    const tab = await browser.newPage();
    await tab.goto(`${verify}x`);
    await tab.getByLabel("Email address").fill(email);
    await tab.keyboard.press("Enter");
    await tab.getByRole("heading", { name: "Check your mail" }).waitFor();
    expect(`${url}/auth/email/verify?token=${(await mailed("verify_email", email)).token}`).not.toBe(verify);
  });
});

async function links() {
  const email = newAddress();
  await register(email);
  await forgot(email);
  const [{ token: verify }, { token: reset }] = [
    await mailed("verify_email", email),
    await mailed("reset_password", email),
  ];
  return {
    email,
    verify: `${url}/auth/email/verify?token=${verify}`,
    reset: `${url}/auth/password/reset?token=${reset}`,
  };
}
