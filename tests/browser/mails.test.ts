import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { locales } from "../../shared/platform/locale.ts";
import {
  chromiumPath,
  closeTabs,
  expectAccessible,
  expectToFitPhone,
  openChromium,
  takePicture,
} from "../support/chromium.ts";
import { render } from "../support/rendered-mails.ts";
import { mailTemplates } from "../support/sample-mails.ts";

if (chromiumPath === undefined)
  console.log("Mails were not looked at in a browser: that needs Chromium (Debian's package chromium).");

const secrets = { token: "t".repeat(43), code: "123456" };
const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);

describe.skipIf(chromiumPath === undefined)("mails, in Chromium", { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(closeTabs);

  const open = async (html: string, colorScheme: "light" | "dark") => {
    const tab = await browser.newPage({ colorScheme, viewport: { width: 800, height: 700 } });
    await tab.setContent(html);
    return tab;
  };

  test.each(locales)("in %s: each fits a phone", async (locale) => {
    const tab = await open("", "light");
    for (const template of mailTemplates) {
      await tab.setContent(render(template, { locale, data: secrets }).html);
      await expectToFitPhone(tab);
    }
    await tab.close();
  });

  test.each(["light", "dark"] as const)("in %s: readable, on a desktop and on a phone", async (colorScheme) => {
    const tab = await open("", colorScheme);
    for (const locale of locales) {
      await tab.setViewportSize({ width: 800, height: 700 });
      await tab.setContent(render("verify_email", { locale, data: secrets }).html);
      if (locale === "en") await expectAccessible(tab);
      await takePicture(tab, `mail-verify_email-${locale}-${colorScheme}`);
      await tab.setContent(render("new_device", { locale, data: secrets }).html);
      if (locale === "en") await expectAccessible(tab);
      await expectToFitPhone(tab);
      await takePicture(tab, `mail-new_device-${locale}-${colorScheme}-phone`, { fullPage: true });
    }
    await tab.close();
  });

  test.each(["light", "dark"] as const)("in %s: with the longest words that there can be", async (colorScheme) => {
    const logo = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
      "base64",
    );
    const data = { ...secrets, username: long, device: long, newEmail: `${"l".repeat(64)}@${"d".repeat(63)}.example` };
    const mails = [
      render("new_device", { data }, { name: "Gesellschaftsversicherungsangestelltenverband" }),
      render("email_changed", { data, locale: "de" }, { logo: { contentType: "image/png", bytes: logo } }),
    ];
    for (const [index, { html }] of mails.entries()) {
      const shown = html.replace("cid:logo", `data:image/png;base64,${logo.toString("base64")}`);
      const tab = await open(shown, colorScheme);
      await expectToFitPhone(tab);
      await takePicture(tab, `mail-long-words-${index}-${colorScheme}-phone`, { fullPage: true });
      expect(await tab.evaluate("document.fonts.status")).toBe("loaded");
      await tab.close();
    }
  });
});
