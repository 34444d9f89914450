import { mkdirSync, writeFileSync } from "node:fs";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "../support/chromium.ts";
import { serveClientPage } from "../support/client-page.ts";
import { temporaryFolder } from "../support/folder.ts";
import { password, registerPerson } from "../support/people.ts";
import { clientId, clientSecret, startIssuer } from "../support/providers/issuer.ts";
import { serveProvider } from "../support/providers/serve.ts";
import { chooseAddress, startService } from "../support/service.ts";
import { whenDone } from "../support/when-done.ts";

if (chromiumPath === undefined)
  console.log("The client's limits were not tried in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const provider = await startIssuer({ now: () => new Date() });
const page = await serveClientPage(html());
// A machine on the network, as far as the browser knows: without TLS it is no secure context.
const network = "app.example";
const overNetwork = (loopback: string) => loopback.replace(/localhost|127\.0\.0\.1/, network);
const { api, clock } = await startService({
  ...settings,
  FRONTEND_URL: page.url,
  ALLOWED_ORIGINS: `${overNetwork(page.url)},${overNetwork(url)}`,
  OIDC_ACME_ISSUER: provider.url,
  OIDC_ACME_CLIENT_ID: clientId,
  OIDC_ACME_CLIENT_SECRET: clientSecret,
});

describe.skipIf(chromiumPath === undefined)("the client at the limits of Chromium", { timeout: 300_000 }, () => {
  test("15.12 all cookies are blocked: a session lives in memory, by either transport", async () => {
    const tab = await openPage(await blockedContext());
    const refusals = await tab.evaluate(`(async () => {
      const names = [];
      try { localStorage; } catch (error) { names.push(error.name); }
      await navigator.locks.request("any", () => {}).catch((error) => names.push(error.name));
      return names;
    })()`);
    expect(refusals).toEqual(["SecurityError", "SecurityError"]);
    for (const options of [
      `{ transport: "body" }`,
      `{ transport: "body", storage: () => localStorage }`,
      `{ transport: "body", storage: () => sessionStorage }`,
      `{}`,
    ]) {
      const email = await registerPerson(api);
      const life = await tab.evaluate<Record<string, unknown>>(`(async () => {
        const client = make(${options});
        const seen = { opened: await outcome(client.refresh()) };
        seen.login = await outcome(client.login({ email: "${email}", password: "${password}" }).then(({ email }) => email));
        seen.me = await outcome(client.me().then(({ email }) => email));
        seen.refresh = await outcome(client.refresh().then((user) => user?.email));
        seen.logout = await outcome(client.logout());
        client.close();
        return seen;
      })()`);
      // A cookie that the browser does not take is gone at once: the session lasts for as long as its access token.
      const refreshed = options === "{}" ? {} : { value: email };
      expect([options, life]).toEqual([
        options,
        { opened: {}, login: { value: email }, me: { value: email }, refresh: refreshed, logout: { value: "local" } },
      ]);
    }
    const storage = "{ transport: 'body', storage: () => localStorage }";
    expect(await tab.evaluate(`outcome(make(${storage}).signInWith("nobody"))`)).toMatchObject({ isOurs: true });
  });

  test("15.12 over plain http there is neither Web Crypto nor a lock: a session lives, and signInWith says what it lacks", async () => {
    const context = await freshContext(`--host-resolver-rules=MAP ${network} 127.0.0.1`);
    const tab = await openPage(context, overNetwork(page.url));
    expect(await tab.evaluate("[isSecureContext, typeof crypto.subtle, typeof navigator.locks]")).toEqual([
      false,
      "undefined",
      "undefined",
    ]);
    const email = await registerPerson(api);
    await tab.evaluate(`window.client = make({ transport: "body", storage: () => sessionStorage })`);
    const login = `client.login({ email: "${email}", password: "${password}" }).then(() => client.refresh())`;
    expect(await tab.evaluate(`${login}.then(() => client.me()).then(({ email }) => email)`)).toBe(email);
    const said = await tab.evaluate(
      `client.signInWith("acme").catch(({ name, code, message }) => [name, code, message])`,
    );
    expect(said).toEqual(["LatchkeyError", "PLATFORM_ERROR", expect.stringContaining("Web Crypto")]);
    const testPage = await context.newPage();
    await testPage.goto(`${overNetwork(url)}/test-login`);
    await testPage.getByRole("region", { name: "Tabs" }).locator("tbody tr").waitFor();
    await testPage.getByRole("status").filter({ hasText: "Nobody is logged in." }).waitFor();
  });

  test("15.19 a duplicated tab, whose session storage the browser has copied: both stay signed in", async () => {
    const context = await freshContext();
    const tab = await openPage(context);
    const email = await registerPerson(api);
    const open = `window.client = make({ transport: "body", storage: sessionStorage })`;
    await tab.evaluate(`${open}, client.login({ email: "${email}", password: "${password}" })`);
    const [copy] = await Promise.all([context.waitForEvent("page"), tab.evaluate("void window.open(location.href)")]);
    await copy.waitForFunction("window.ready");
    const kept = (one: Page) => one.evaluate<string>(`sessionStorage.getItem("latchkey.refresh_token")`);
    expect(await kept(copy)).toBe(await kept(tab));
    await copy.evaluate(`void (${open})`);
    const refresh = (one: Page) => one.evaluate<string>("client.refresh().then((user) => user?.email)");
    for (let round = 0; round < 6; round += 1) {
      const [one, other] = round % 2 === 0 ? [tab, copy] : [copy, tab];
      // Beyond the grace for a used token.
      clock.advance(60);
      expect(await refresh(one)).toBe(email);
      await expect.poll(async () => kept(other), { timeout: 60_000 }).toBe(await kept(one));
      clock.advance(60);
      expect(await Promise.all([refresh(one), refresh(other)])).toEqual([email, email]);
      await expect.poll(async () => kept(other), { timeout: 60_000 }).toBe(await kept(one));
    }
    await tab.close();
    clock.advance(60);
    expect(await refresh(copy)).toBe(email);
  });

  test("15.6 the browser takes the token away when an API redirects elsewhere", async () => {
    const seen: [string, string | undefined][] = [];
    const cors = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "authorization" };
    const stranger = await serveProvider(({ method, headers }) => {
      if (method !== "OPTIONS") seen.push(["elsewhere", headers.authorization]);
      return { headers: cors };
    });
    const orders = await serveProvider(({ method, headers }) => {
      if (method === "OPTIONS") return { headers: cors };
      seen.push(["orders", headers.authorization]);
      return { status: 307, headers: { ...cors, Location: `${stranger.url}/collect` } };
    });
    const tab = await openPage(await freshContext());
    const email = await registerPerson(api);
    const token = await tab.evaluate<string>(`(async () => {
      window.client = make({ transport: "body", apiOrigins: ["${orders.url}"] });
      await client.login({ email: "${email}", password: "${password}" });
      await client.fetch("${orders.url}/orders");
      return client.getAccessToken();
    })()`);
    expect(seen).toEqual([
      ["orders", `Bearer ${token}`],
      ["elsewhere", undefined],
    ]);
  });
});

/** A page that makes clients of the service, as a test says. */
function html(): string {
  return `<!doctype html><title>An application</title><link rel="icon" href="data:," />
  <script type="module">
    import { createClient, LatchkeyError } from "/client.js";
    window.make = (options) => createClient({ baseUrl: "${url}", ...options });
    window.outcome = (promise) => promise.then((value) => ({ value }), (error) =>
      ({ isOurs: error instanceof LatchkeyError, code: error.code, name: error.name }));
    window.ready = true;
  </script>`;
}

async function openPage(context: BrowserContext, at = page.url): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(`${at}/`);
  await tab.waitForFunction("window.ready");
  return tab;
}

async function freshContext(...args: readonly string[]): Promise<BrowserContext> {
  const browser = await launchChromium(args);
  whenDone(() => browser.close());
  return browser.newContext();
}

/** A browser whose person has blocked all cookies, and with them everything that keeps data. */
async function blockedContext(): Promise<BrowserContext> {
  const profile = temporaryFolder();
  mkdirSync(`${profile}/Default`);
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(`${profile}/Default/Preferences`, JSON.stringify(preferences));
  const options = { executablePath: chromiumPath ?? "", args: ["--no-sandbox"] };
  const context = await chromium.launchPersistentContext(profile, options);
  whenDone(() => context.close());
  return context;
}
