import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
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
import { serveWidget } from "../support/captcha-widget.ts";
import { copyPlainExample, serveExample } from "../support/examples.ts";
import { latestMail } from "../support/mails.ts";
import { password, registerPerson } from "../support/people.ts";
import { certifiedSettings, startCertifiedProvider } from "../support/providers/certified.ts";
import { chooseAddress, startService, withSettings } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("The examples were not opened in a browser: that needs Chromium (Debian's package chromium).");

const [own, react, plain] = [await chooseAddress(), await chooseAddress(), await chooseAddress()];
const provider = await startCertifiedProvider({ redirectUris: [`${own.url}/auth/oauth/acme/callback`] });
const origins = { FRONTEND_URL: react.url, ALLOWED_ORIGINS: plain.url };
const all = { ...own.settings, ...origins, ...certifiedSettings("OIDC_ACME", provider) };
const service = await startService(all);
const { api, clock } = service;

describe.skipIf(chromiumPath === undefined)("the examples, in Chromium", { timeout: 300_000 }, () => {
  let browser: Browser;
  let tab: Page;
  let watch: Watch;

  beforeAll(start, 60_000);
  afterAll(stop);
  beforeEach(openTab);

  test("React: register, be known after a reload and in another tab, log out in all of them", async () => {
    await tab.goto(react.url);
    await press("I am new here");
    await fillIn("react@example.com", "short");
    await tab.getByLabel("Username").fill("Ada");
    await tab.route("**/auth/register", spoilFields, { times: 1 });
    await press("Register");
    await tab.getByRole("alert").filter({ hasText: "The whole answer, in a sentence." }).waitFor();
    await press("Register");
    await tab.getByRole("alert").filter({ hasText: "A password needs at least 15 characters." }).waitFor();
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
    await other.goto(react.url);
    await other.getByText("Signed in as react@example.com.").waitFor();
    await press("Log out");
    await other.getByLabel("Email").waitFor();
    expect(await tab.evaluate<string>("JSON.stringify([document.cookie, localStorage, sessionStorage])")).toBe(
      '["",{},{}]',
    );
    await expectToFitPhone(tab);
    expect(watch.complaints).toEqual([]);
  });

  test("React: a captcha that is asked for is solved, and the login goes on; too many attempts wait", async () => {
    const served = await serveWidget(tab.context(), "hcaptcha", () => "a-token");
    const refuse = (status: number, said: object, headers: Record<string, string> = {}) =>
      tab.route(
        "**/auth/login",
        (route) => {
          const allowed = { "Access-Control-Allow-Origin": react.url, "Access-Control-Allow-Credentials": "true" };
          const json = { success: false, status_code: status, message: "No", details: {}, ...said };
          const exposed = { "Access-Control-Expose-Headers": "Retry-After", ...headers };
          return route.fulfill({ status, json, headers: { ...allowed, ...exposed } });
        },
        { times: 1 },
      );
    await tab.goto(react.url);
    await fillIn(await registerPerson(api));
    await refuse(429, { error_code: "RATE_LIMITED" }, { "Retry-After": "2" });
    await press("Log in");
    await tab.getByRole("alert").filter({ hasText: "Try again in 2 seconds." }).waitFor();
    expect(await tab.getByRole("button", { name: "Log in" }).isDisabled()).toBe(true);
    const details = { provider: "hcaptcha", site_key: "site-key", action: "login" };
    await refuse(403, { error_code: "CAPTCHA_REQUIRED", details });
    await press("Log in");
    await tab.getByText("Confirm that you are a person.").waitFor();
    await expectAccessible(tab);
    await expectToFitPhone(tab);
    await tab.frameLocator("iframe").getByRole("button").click();
    await tab.getByText("Signed in as").waitFor();
    expect(served.rendered).toHaveLength(1);
  });

  test("React: a wrong password, and a social provider", async () => {
    provider.people.set("ada", { email: "social@example.com" });
    await tab.goto(react.url);
    await fillIn(await registerPerson(api), `${password}!`);
    await press("Log in");
    await tab.getByText("Email or password is wrong.").waitFor();
    await tab.getByRole("button", { name: "Continue with" }).click();
    await tab.fill("[name=login]", "ada");
    await tab.fill("[name=password]", "any");
    await tab.click("[type=submit]");
    await tab.click("text=Continue");
    await tab.getByText("Signed in as social@example.com.").waitFor();
    expect(tab.url()).toBe(`${react.url}/#`);
  });

  test("17.6 React: an address that must be proven, a forgotten password, and the devices", async () => {
    withSettings(service, { ...all, EMAIL_VERIFICATION: "required" });
    const email = "proven@example.com";
    await tab.goto(react.url);
    await press("I am new here");
    await fillIn(email);
    await tab.getByLabel("Username").fill("Ada");
    await press("Register");
    await tab
      .getByRole("status")
      .filter({ hasText: `We have sent a mail to ${email}.` })
      .waitFor();
    await tab.getByLabel("Code").fill("no code");
    await press("Verify");
    await tab.getByRole("alert").filter({ hasText: "The code must have six digits." }).waitFor();
    await expectAccessible(tab);
    await takePicture(tab, "example-react-verify");
    await tab.getByLabel("Code").fill((await latestMail(service.services, "verify_email", email)).data.code);
    await press("Verify");
    await tab.getByText(`Signed in as ${email}.`).waitFor();
    await tab.getByText("Chrome, Linux (this one)").waitFor();
    const other = await api.post("/auth/login", { body: { email, password } });
    await tab.reload();
    await tab.getByRole("listitem").getByRole("button", { name: "Log out" }).click();
    await expect.poll(() => tab.getByRole("listitem").count()).toBe(1);
    expect((await api.post("/auth/refresh", { cookie: other.cookie })).status).toBe(401);
    await press("Log out");
    await tab.getByLabel("Email").fill(email);
    await press("Forgot password");
    await tab.getByText(`If ${email} has an account, a mail with a link is on its way.`).waitFor();
    expect((await latestMail(service.services, "reset_password", email)).to).toBe(email);
    expect(watch.complaints).toEqual([]);
  });

  test("15.2 React: an address that an account has, which may have no password", async () => {
    await tab.goto(`${react.url}/?error=LINK_REQUIRES_PROOF`);
    await tab.getByText("There is an account with this email: log in to it the way you did before.").waitFor();
  });

  test("the plain page: log in, ask, reload, log out", async () => {
    const email = await registerPerson(api);
    await tab.goto(plain.url);
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

  const running: (() => Promise<void>)[] = [];

  async function start(): Promise<void> {
    browser = await openChromium();
    running.push(closeTabs);
    // One after the other: both build the client first.
    const reactFlags = ["--port", String(react.settings["PORT"])];
    running.push(await serveExample("react", react.url, reactFlags, { VITE_LATCHKEY_URL: own.url }));
    const folder = copyPlainExample(own.url);
    const serve = [`--serve=localhost:${plain.settings["PORT"]}`, `--servedir=${folder}`];
    running.push(await serveExample("plain", plain.url, [...serve, `--outfile=${folder}/latchkey.js`]));
  }

  async function stop(): Promise<void> {
    await Promise.all(running.map((end) => end()));
  }

  async function openTab(): Promise<() => Promise<void>> {
    // The provider lives in the present.
    clock.catchUp();
    const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
    context.setDefaultTimeout(10_000);
    tab = await context.newPage();
    watch = watchPage(tab);
    return () => context.close();
  }

  const press = (name: string) => tab.getByRole("button", { name, exact: true }).click();

  async function fillIn(email: string, secret = password): Promise<void> {
    await tab.getByLabel("Email").fill(email);
    await tab.getByLabel("Password").fill(secret);
  }
});

/** Has a refusal name no field, as nothing of ours does. */
async function spoilFields(route: Route): Promise<void> {
  const response = await route.fetch();
  const answer = (await response.json()) as object;
  await route.fulfill({
    response,
    json: { ...answer, message: "The whole answer, in a sentence.", details: { fields: [null] } },
  });
}
