import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  chromiumPath,
  closeTabs,
  expectAccessible,
  expectToFitPhone,
  openChromium,
  takePicture,
  watchPage,
  type Watch,
} from "../support/chromium.ts";
import { password, registerPerson } from "../support/people.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("/docs and /redoc were not opened in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const { api } = await startService(settings);

describe.skipIf(chromiumPath === undefined)("/docs and /redoc, in Chromium", { timeout: 300_000 }, () => {
  let browser: Browser;
  let tab: Page;
  let watch: Watch;

  beforeAll(async () => {
    browser = await openChromium();
    tab = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    watch = watchPage(tab);
    await tab.goto(`${url}/docs`);
    await tab.waitForSelector(".opblock");
  });
  afterAll(closeTabs);

  test("shows every operation", async () => {
    const document = (await api.get("/openapi.json")).json;
    const operations = Object.values<object>(document.paths).flatMap((path) => Object.keys(path));
    expect(await tab.locator(".opblock").count()).toBe(operations.length);
    // The package has links within its buttons.
    await expectAccessible(tab, ["nested-interactive"]);
    await takePicture(tab, "docs");
  });

  test('"Try it out" works: log in, then refresh with the cookie', async () => {
    const email = await registerPerson(api);
    expect(await tryOut("auth-login", { email, password })).toContain("200");
    expect(await tryOut("auth-refresh", {})).toContain("200");
    const cookies = await tab.context().cookies(url);
    expect(cookies.map(({ name, httpOnly }) => [name, httpOnly])).toEqual([
      ["latchkey_device", true],
      ["refresh_token", true],
    ]);
  });

  test("the list of operations fits a phone: nothing is wider than the screen", async () => {
    // Without the operation that the address names by now.
    await tab.goto("about:blank");
    await tab.goto(`${url}/docs`);
    await tab.waitForSelector(".opblock");
    await expectToFitPhone(tab);
  });

  test("/redoc shows every operation, and fits a phone", async () => {
    await tab.goto(`${url}/redoc`);
    await tab.waitForSelector("h1");
    const document = (await api.get("/openapi.json")).json;
    const ids = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    const shown = await tab.evaluate<string[]>('[...document.querySelectorAll("[id]")].map(({ id }) => id)');
    expect(ids.filter((id) => !shown.some((one) => one.endsWith(`/operation/${id}`)))).toEqual([]);
    await expectAccessible(tab);
    await takePicture(tab, "redoc");
    await expectToFitPhone(tab);
  });

  test("both ask nobody but the service, and break no rule of their policy", () => {
    expect([...watch.asked]).toEqual([url]);
    expect(watch.complaints).toEqual([]);
  });

  /** Opens an operation, fills its body in, and sends it. @returns the status that is shown */
  async function tryOut(operation: string, body?: object): Promise<string> {
    const block = tab.locator(`[id$="-${operation}"]`);
    await block.locator(".opblock-summary-control").click();
    await block.locator(".try-out__btn").click();
    if (body) await block.locator("textarea").first().fill(JSON.stringify(body));
    await block.locator(".execute").click();
    return (await block.locator(".live-responses-table .response-col_status").nth(1).innerText()).trim();
  }
});
