import { describe, expect, test } from "vitest";
import { chromiumPath, takePicture } from "../support/chromium.ts";
import { chooseAddress, startService } from "../support/service.ts";
import { openTestPage } from "../support/test-page.ts";

if (chromiumPath === undefined)
  console.log("Tabs and cookies were not tried in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const { api, clock } = await startService(settings);

describe.skipIf(chromiumPath === undefined)("tabs and cookies, in Chromium", { timeout: 300_000 }, () => {
  const page = openTestPage(url, api);

  test("the cookie as the browser sees it: HttpOnly, Lax, this host's, for seven days; no script can read it", async () => {
    await page.logIn();
    const cookies = await page.context.cookies(url);
    const kept = { domain: "localhost", path: "/", httpOnly: true, sameSite: "Lax", secure: false };
    expect(cookies).toMatchObject(["refresh_token", "latchkey_device"].map((name) => Object.assign({ name }, kept)));
    const days = ((cookies[0]?.expires ?? 0) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThan(7.1);
    const { value = "" } = cookies[0] ?? {};
    expect(value).toMatch(/^[\w-]{43}$/);
    await page.region("Requests and answers").locator("summary").first().click();
    const readable = await page.tab.evaluate<string>(`(async () => JSON.stringify([
      document.cookie, await cookieStore.getAll(), { ...localStorage }, { ...sessionStorage },
      document.documentElement.outerHTML, await indexedDB.databases()
    ]))()`);
    expect(readable).not.toContain(value);
    expect(JSON.parse(readable).slice(0, 4)).toEqual(["", [], {}, {}]);
  });

  test(
    "three tabs that refresh at once, a hundred times over: one request for each round, and nobody is signed out",
    {
      timeout: 120_000,
    },
    async () => {
      const email = await page.logIn();
      const tabs = [page.tab, await page.open(), await page.open()];
      await page.tab.locator("tbody tr").nth(2).waitFor();
      let refreshes = 0;
      page.context.on("request", (request) => {
        if (request.url().endsWith("/auth/refresh")) refreshes += 1;
      });
      const refresh = `new Promise((resolve) => {
        const status = document.querySelector("#status");
        status.textContent = "";
        const hear = () => status.textContent.endsWith("…") || resolve(status.textContent);
        new MutationObserver(hear).observe(status, { childList: true });
        [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Refresh").click();
      })`;
      for (let round = 0; round < 100; round += 1) {
        // Beyond the grace for a repeated token: what comes late now is a reuse.
        clock.advance(11);
        const said = await Promise.all(tabs.map((one) => one.evaluate<string>(refresh)));
        expect(new Set(said)).toEqual(new Set(["The session has new tokens."]));
      }
      // More where a tab comes so late that the others have finished.
      expect(refreshes).toBeGreaterThanOrEqual(100);
      expect(refreshes).toBeLessThan(150);
      for (const one of tabs) expect(await page.region("Access token", one).innerText()).toContain(email);
      const sessions = await page.tab.locator("tbody td:nth-child(3)").allInnerTexts();
      const tokens = await page.tab.locator("tbody td:nth-child(4)").allInnerTexts();
      expect([sessions.length, new Set(sessions).size, new Set(tokens).size]).toEqual([3, 1, 1]);
      await takePicture(page.tab, "test-login-tabs", { fullPage: true });
      await page.press("Log out", tabs[2]);
      for (const one of tabs)
        await page.region("Access token", one).filter({ hasText: "Nobody is logged in." }).waitFor();
    },
  );

  test(
    "three tabs without the client, each by itself: the service's grace keeps them signed in for a hundred rounds",
    {
      timeout: 120_000,
    },
    async () => {
      await page.logIn();
      const tabs = [page.tab, await page.open(), await page.open()];
      for (let round = 0; round < 100; round += 1) {
        clock.advance(11);
        const refresh = "fetch('/auth/refresh', { method: 'POST' }).then(({ status }) => status)";
        expect(await Promise.all(tabs.map((one) => one.evaluate<number>(refresh)))).toEqual([200, 200, 200]);
      }
    },
  );
});
