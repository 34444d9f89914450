import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  chromiumPath,
  closeTabs,
  expectAccessible,
  expectToFitPhone,
  openChromium,
  takePicture,
  watchPage,
} from "../support/chromium.ts";
import { certifiedSettings, startCertifiedProvider } from "../support/providers/certified.ts";
import { serveProvider } from "../support/providers/serve.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("Unasked visits were not tried in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
// 127.0.0.1 and localhost are two sites to a browser.
const stranger = await serveProvider(({ url: { pathname } }) => ({ body: pages()[pathname] ?? "<!doctype html>" }));
const home = `${stranger.url}/app`;
const provider = await startCertifiedProvider({ redirectUris: [`${url}/auth/oauth/acme/callback`] });
const authorize = `${url}/auth/oauth/acme/authorize?redirect_to=${encodeURIComponent(home)}`;
const { clock } = await startService({ ...settings, FRONTEND_URL: home, ...certifiedSettings("OIDC_ACME", provider) });

describe.skipIf(chromiumPath === undefined)(
  "15.9 a sign-in that nobody asked for, in Chromium",
  { timeout: 300_000 },
  () => {
    let browser: Browser;
    let context: BrowserContext;

    beforeAll(startBrowser);
    afterEach(() => context.close());

    test.each(["/link", "/button"])("a click on %s leads to the provider at once", async (path) => {
      const tab = await open(path);
      await tab.getByText("Sign in").click();
      await tab.waitForURL(atProvider);
      expect(await attempts()).toEqual(["oauth_attempt_"]);
    });

    test.each(["/script", "/refresh"])(
      "%s leads to a button, and no sign-in has begun; pressed, it goes through",
      async (path) => {
        provider.people.set("ada", { email: "ada@example.com" });
        const tab = await open(path);
        const button = tab.getByRole("link", { name: "Continue to Acme" });
        await button.waitFor();
        expect([new URL(tab.url()).origin, await attempts()]).toEqual([url, []]);
        const { complaints } = watchPage(tab);
        await button.press("Enter");
        await tab.waitForURL(atProvider);
        expect(await attempts()).toEqual(["oauth_attempt_"]);
        await tab.fill("[name=login]", "ada");
        await tab.fill("[name=password]", "any");
        await tab.click("[type=submit]");
        await tab.click("text=Continue");
        await tab.waitForURL(`${home}#`);
        expect(await attempts()).toEqual(["refresh_token"]);
        expect(complaints).toEqual([]);
      },
    );

    test("in a frame, or as a picture, it begins nothing and shows nothing", async () => {
      const tab = await open("/frame");
      await tab.waitForLoadState("networkidle");
      expect(await attempts()).toEqual([]);
      const frames = await Promise.all(tab.frames().map((frame) => frame.getByText("Continue to Acme").count()));
      expect(frames).toEqual([0, 0]);
    });

    test.each(["light", "dark"] as const)(
      "in %s, on a phone: it fits, axe finds nothing serious, the button is large enough",
      async (colorScheme) => {
        const tab = await open("/script", { colorScheme });
        const button = tab.getByRole("link", { name: "Continue to Acme" });
        await button.waitFor();
        await expectToFitPhone(tab);
        await takePicture(tab, `unasked-sign-in-${colorScheme}`);
        expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
        // The page lets no script run: the audit gets in by a page that has the same text.
        const html = await tab.content();
        await tab.goto("about:blank");
        await tab.setContent(html);
        await expectAccessible(tab);
      },
    );

    async function startBrowser(): Promise<() => Promise<void>> {
      browser = await openChromium();
      return closeTabs;
    }

    async function open(path: string, options: { colorScheme?: "light" | "dark" } = {}): Promise<Page> {
      clock.catchUp();
      context = await browser.newContext(options);
      const tab = await context.newPage();
      await tab.goto(stranger.url + path);
      return tab;
    }

    const atProvider = /\/interaction\//;
    const attempts = async () => {
      const names = (await context.cookies(url)).map(({ name }) => name.replace(/\d$/, ""));
      return names.filter((name) => name !== "latchkey_device");
    };
  },
);

/** Pages that lead to the sign-in: by a click, or unasked. */
function pages(): Record<string, string> {
  return {
    "/link": `<!doctype html><title>A page</title><a href="${authorize}">Sign in</a>`,
    "/script": `<!doctype html><title>A page</title><script>location.href = "${authorize}"</script>`,
    "/refresh": `<!doctype html><title>A page</title><meta http-equiv="refresh" content="0; url=${authorize}">`,
    "/button": `<!doctype html><title>A page</title><button onclick="location.href = '${authorize}'">Sign in</button>`,
    "/frame": `<!doctype html><title>A page</title><iframe src="${authorize}"></iframe><img src="${authorize}">`,
  };
}
