import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
  console.log("GET / was not opened in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
await startService(settings);

describe.skipIf(chromiumPath === undefined)("GET /, in Chromium", { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(closeTabs);

  test.each(["light", "dark"] as const)(
    "in %s: the page is shown under its policy, fits a phone, and axe finds nothing serious",
    async (colorScheme) => {
      const tab = await browser.newPage({ colorScheme, viewport: { width: 1100, height: 900 } });
      const { complaints, asked } = watchPage(tab);
      await tab.goto(url);
      await tab.getByRole("heading", { level: 1, name: "Latchkey" }).waitFor();
      await takePicture(tab, `front-page-${colorScheme}`);
      await expectToFitPhone(tab);
      await takePicture(tab, `front-page-phone-${colorScheme}`, { fullPage: true });
      expect([complaints, [...asked]]).toEqual([[], [url]]);
      // The page lets no script run: the audit gets in by a page that has the same text.
      const html = await tab.content();
      await tab.goto("about:blank");
      await tab.setContent(html);
      await expectAccessible(tab);
      await tab.close();
    },
  );

  test("its links lead on", async () => {
    const tab = await browser.newPage();
    await tab.goto(url);
    await tab.getByRole("link", { name: "Health check", exact: true }).click();
    await tab.waitForURL(`${url}/health`);
    expect(await tab.content()).toContain("healthy");
  });
});
