import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findFreePort } from "../../tools/free-port.ts";
import {
  chromiumPath,
  expectAccessible,
  expectToFitPhone,
  launchChromium,
  takePicture,
  watchPage,
  type Watch,
} from "../support/chromium.ts";
import { serveExample } from "../support/examples.ts";
import { temporaryFolder } from "../support/folder.ts";
import { password, registerPerson } from "../support/people.ts";
import { registration, startCertifiedProvider } from "../support/providers/certified.ts";
import { startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("The examples were not opened in a browser: that needs Chromium (Debian's package chromium).");

const ports = { service: await findFreePort(), react: await findFreePort(), plain: await findFreePort() };
const [url, reactUrl, plainUrl] = Object.values(ports).map((port) => `http://localhost:${port}`) as [
  string,
  string,
  string,
];
const provider = await startCertifiedProvider({ redirectUris: [`${url}/auth/oauth/acme/callback`] });
const { api, clock } = await startService({
  PORT: String(ports.service),
  ISSUER: url,
  FRONTEND_URL: reactUrl,
  ALLOWED_ORIGINS: plainUrl,
  OIDC_ACME_ISSUER: provider.url,
  OIDC_ACME_CLIENT_ID: registration.client_id,
  OIDC_ACME_CLIENT_SECRET: registration.client_secret,
});

/** A copy of the plain page's folder, in which it names the service of this test. */
function plainExample(): string {
  const folder = temporaryFolder();
  cpSync("examples/plain", folder, { recursive: true });
  const page = path.join(folder, "index.html");
  writeFileSync(page, readFileSync(page, "utf8").replace("http://localhost:7071", url));
  return folder;
}

describe.skipIf(chromiumPath === undefined)("the examples, in Chromium", { timeout: 300_000 }, () => {
  let browser: Browser;
  let tab: Page;
  let watch: Watch;
  const running: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    // One after the other: both build the client first.
    running.push(await serveExample("react", reactUrl, ["--port", String(ports.react)], { VITE_LATCHKEY_URL: url }));
    const folder = plainExample();
    const flags = [`--serve=localhost:${ports.plain}`, `--servedir=${folder}`, `--outfile=${folder}/latchkey.js`];
    running.push(await serveExample("plain", plainUrl, flags));
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await Promise.all(running.map((stop) => stop()));
  });
  beforeEach(async () => {
    // The provider lives in the present.
    clock.catchUp();
    const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
    context.setDefaultTimeout(10_000);
    tab = await context.newPage();
    watch = watchPage(tab);
    return () => context.close();
  });

  const press = (name: string) => tab.getByRole("button", { name, exact: true }).click();

  async function fillIn(email: string, secret = password): Promise<void> {
    await tab.getByLabel("Email").fill(email);
    await tab.getByLabel("Password").fill(secret);
  }

  test("React: register, be known after a reload and in another tab, log out in all of them", async () => {
    await tab.goto(reactUrl);
    await press("I am new here");
    await fillIn("react@example.com", "short");
    await tab.getByLabel("Username").fill("Ada");
    await press("Register");
    await tab.getByRole("alert").filter({ hasText: "The password must have at least 15 characters." }).waitFor();
    await expectAccessible(tab);
    await fillIn("react@example.com");
    await press("Register");
    await tab.getByText("Signed in as react@example.com.").waitFor();
    await press("Ask the API");
    await tab.getByText("Ada has been here since").waitFor();
    await expectAccessible(tab);
    await takePicture(tab, "example-react");
    await tab.reload();
    await tab.getByText("Signed in as react@example.com.").waitFor();
    const other = await tab.context().newPage();
    await other.goto(reactUrl);
    await other.getByText("Signed in as react@example.com.").waitFor();
    await press("Log out");
    await other.getByLabel("Email").waitFor();
    expect(await tab.evaluate<string>("JSON.stringify([document.cookie, localStorage, sessionStorage])")).toBe(
      '["",{},{}]',
    );
    await expectToFitPhone(tab);
    expect(watch.complaints).toEqual([]);
  });

  test("React: a wrong password, and a social provider", async () => {
    provider.people.set("ada", { email: "social@example.com" });
    await tab.goto(reactUrl);
    await fillIn(await registerPerson(api), `${password}!`);
    await press("Log in");
    await tab.getByText("Email or password is wrong.").waitFor();
    await tab.getByRole("button", { name: "Continue with" }).click();
    await tab.fill("[name=login]", "ada");
    await tab.fill("[name=password]", "any");
    await tab.click("[type=submit]");
    await tab.click("text=Continue");
    await tab.getByText("Signed in as social@example.com.").waitFor();
    expect(tab.url()).toBe(`${reactUrl}/#`);
  });

  test("15.2 React: an address that an account has, which may have no password", async () => {
    await tab.goto(`${reactUrl}/?error=LINK_REQUIRES_PROOF`);
    await tab.getByText("There is an account with this email: log in to it the way you did before.").waitFor();
  });

  test("the plain page: log in, ask, reload, log out", async () => {
    const email = await registerPerson(api);
    await tab.goto(plainUrl);
    await fillIn(email);
    await press("Log in");
    await tab.getByText(`Signed in as ${email}.`).waitFor();
    await press("Ask the API");
    await tab.getByText("The API answers 200.").waitFor();
    await expectAccessible(tab);
    await takePicture(tab, "example-plain");
    await tab.reload();
    await tab.getByText(`Signed in as ${email}.`).waitFor();
    await press("Log out");
    await tab.getByLabel("Email").waitFor();
    await expectToFitPhone(tab);
    expect(watch.complaints).toEqual([]);
  });
});
