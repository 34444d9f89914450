import type { Page } from "playwright-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumPath, closeTabs, openChromium, watchPage } from "../support/chromium.ts";
import { serveClientPage } from "../support/client-page.ts";
import { password, registerPerson } from "../support/people.ts";
import { certifiedSettings, startCertifiedProvider } from "../support/providers/certified.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log('transport: "body" was not tried in a browser: that needs Chromium (Debian\'s package chromium).');

const { url, settings } = await chooseAddress();
// 127.0.0.1 and localhost are two sites to a browser: cookies between them are a third party's.
const page = await serveClientPage(html());
const home = `${page.url}/`;
const provider = await startCertifiedProvider({ redirectUris: [home] });
const { api, clock } = await startService({
  ...settings,
  FRONTEND_URL: page.url,
  ...certifiedSettings("OIDC_ACME", provider),
});

describe.skipIf(chromiumPath === undefined)(
  'transport: "body" from a page on another site, in Chromium',
  { timeout: 300_000 },
  () => {
    let tab: Page;

    beforeAll(async () => {
      const browser = await openChromium();
      tab = await browser.newPage();
      await tab.goto(home);
      return closeTabs;
    });
    // The provider lives in the present.
    beforeEach(() => clock.catchUp());

    const known = () => tab.evaluate<string>("known");

    test("logs in without a cookie, stays logged in after a reload, and logs out", async () => {
      const email = await registerPerson(api);
      expect(await known()).toBe("nobody");
      await tab.evaluate(`client.login({ email: "${email}", password: "${password}" })`);
      await tab.reload();
      expect(await known()).toBe(email);
      expect(await tab.evaluate("client.me().then(({ email }) => email)")).toBe(email);
      expect(await tab.context().cookies(url)).toEqual([]);
      expect(await tab.evaluate("client.logout()")).toBe("local");
      await tab.reload();
      expect(await known()).toBe("nobody");
    });

    test("signs in at a provider by PKCE of its own; no code stays in the address bar", async () => {
      provider.people.set("ada", { email: "elsewhere@example.com" });
      const { complaints } = watchPage(tab);
      await tab.evaluate("void client.signInWith('acme')");
      await tab.waitForURL(/\/interaction\//);
      await tab.fill("[name=login]", "ada");
      await tab.fill("[name=password]", "any");
      await tab.click("[type=submit]");
      await tab.click("text=Continue");
      await tab.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/(?:\?|$)/);
      expect(await known()).toBe("elsewhere@example.com");
      expect(tab.url()).toBe(home);
      await tab.reload();
      expect(await known()).toBe("elsewhere@example.com");
      expect(complaints).toEqual([]);
    });

    test("a cancelled sign-in is told by its code", async () => {
      await tab.evaluate("client.logout()");
      await tab.context().clearCookies();
      await tab.evaluate("void client.signInWith('acme')");
      await tab.click("text=Cancel");
      await tab.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/(?:\?|$)/);
      expect(await known()).toBe("ACCESS_DENIED");
      expect(tab.url()).toBe(home);
    });
  },
);

/** A page of an application that signs people in by the body, and keeps them over a reload. */
function html(): string {
  return `<!doctype html><title>Another site</title>
  <script type="module">
    import { createClient } from "/client.js";
    window.open_ = () => createClient({ baseUrl: "${url}", transport: "body", storage: sessionStorage });
    window.client = open_();
    window.known = client.refresh().then((user) => user?.email ?? "nobody", (error) => error.code);
  </script>`;
}
