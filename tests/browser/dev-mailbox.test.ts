import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../shared/platform/crypto/random.ts";
import {
  chromiumPath,
  closeTabs,
  expectAccessible,
  expectToFitPhone,
  openChromium,
  takePicture,
  watchPage,
} from "../support/chromium.ts";
import { contextOf } from "../support/context.ts";
import { outgoingMail } from "../support/sample-mails.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("/dev/mailbox was not opened in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const { services, clock } = await startService(settings);
const post = (username: string) =>
  services.transaction(contextOf(services), (tx) => {
    const data = { username, token: "t".repeat(43), code: "123456" };
    return tx.mail.post(outgoingMail("verify_email", { id: newId(clock.now()), data }), clock.now());
  });

describe.skipIf(chromiumPath === undefined)("GET /dev/mailbox, in Chromium", { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    await post(`Ada<script>document.title="run"</script><img src=x onerror="document.title='run'">`);
    browser = await openChromium();
  });
  afterAll(closeTabs);

  test.each(["light", "dark"] as const)("in %s: mails are shown rendered, and run nothing", async (colorScheme) => {
    const tab = await browser.newPage({ colorScheme, viewport: { width: 1000, height: 900 } });
    const { complaints, asked } = watchPage(tab);
    await tab.goto(`${url}/dev/mailbox`);
    const mail = tab.frameLocator("iframe").first();
    await mail.getByText("123456").waitFor();
    // The mail's own styles are let in.
    expect((await mail.getByRole("link").boundingBox())?.height).toBeGreaterThan(40);
    await takePicture(tab, `mailbox-${colorScheme}`);
    await expectToFitPhone(tab);
    await takePicture(tab, `mailbox-phone-${colorScheme}`, { fullPage: true });
    expect([complaints, [...asked]]).toEqual([[], [url]]);
    expect(await tab.title()).toBe("Mailbox");
    const html = await tab.content();
    await tab.goto("about:blank");
    await tab.setContent(html);
    await expectAccessible(tab);
    await tab.close();
  });

  const target = `${url}/auth/email/verify?token=${"t".repeat(43)}`;

  test("a link in a mail's HTML opens in a tab of its own", async () => {
    const tab = await browser.newPage();
    await tab.goto(`${url}/dev/mailbox`);
    const link = tab.frameLocator("iframe").first().getByRole("link", { name: "Confirm address" });
    const [opened] = await Promise.all([tab.waitForEvent("popup"), link.click()]);
    await opened.waitForURL(target);
    await opened.close();
    await tab.close();
  });

  test("a link in a mail's text leads where it says", async () => {
    // High enough for the link: Chromium 156 loses a click that comes just after it has scrolled past a frame.
    const tab = await browser.newPage({ viewport: { width: 1000, height: 1400 } });
    await tab.goto(`${url}/dev/mailbox`);
    await tab.locator("pre a").first().click();
    await tab.waitForURL(target);
    await tab.close();
  });
});
