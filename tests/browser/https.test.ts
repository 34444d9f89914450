import { describe, expect, test } from "vitest";
import { findFreePort } from "../../tools/free-port.ts";
import { chromiumPath } from "../support/chromium.ts";
import { serveHttps } from "../support/https-front.ts";
import { startService } from "../support/service.ts";
import { openTestPage } from "../support/test-page.ts";

if (chromiumPath === undefined)
  console.log("The cookie over https was not tried in a browser: that needs Chromium (Debian's package chromium).");

const ports = { own: await findFreePort(), service: await findFreePort() };
const url = `https://localhost:${ports.own}`;
const { api } = await startService({ PORT: String(ports.service), ISSUER: url });
await serveHttps(ports);

describe.skipIf(chromiumPath === undefined)("over https, in Chromium", { timeout: 300_000 }, () => {
  const page = openTestPage(url, api);

  test("the cookie is Secure and bound to this host by its prefix, and refreshes", async () => {
    await page.logIn();
    await page.tab.reload();
    await page.told("Logged in as");
    const kept = { domain: "localhost", path: "/", httpOnly: true, secure: true, sameSite: "Lax" };
    const names = ["__Host-latchkey_device", "__Host-refresh_token"];
    expect(await page.context.cookies(url)).toMatchObject(names.map((name) => Object.assign({ name }, kept)));
    expect(await page.tab.evaluate("document.cookie")).toBe("");
    await page.press("Log out");
    await page.told("Logged out on this device.");
    // The device stays known.
    expect((await page.context.cookies(url)).map(({ name }) => name)).toEqual(["__Host-latchkey_device"]);
    expect(page.watch.complaints).toEqual([]);
  });
});
