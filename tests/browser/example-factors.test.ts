import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addAuthenticator } from "../support/authenticator.ts";
import {
  chromiumPath,
  closeTabs,
  expectAccessible,
  expectToFitPhone,
  openChromium,
  watchPage,
} from "../support/chromium.ts";
import { serveExample } from "../support/examples.ts";
import { password } from "../support/people.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("The example's second factors were not tried: that needs Chromium (Debian's package chromium).");

const [own, react] = [await chooseAddress(), await chooseAddress()];
const service = await startService({ ...own.settings, FRONTEND_URL: react.url });
const { clock } = service;
const { provenPerson, codeOf } = createFactorCalls(service);

describe.skipIf(chromiumPath === undefined)("20.10 the React example, in Chromium", { timeout: 300_000 }, () => {
  let tab: Page;
  let stop = async () => {};

  beforeAll(open, 60_000);
  afterAll(async () => {
    await closeTabs();
    await stop();
  });

  test("an app is added with recovery codes, and the next login takes its code; a passkey signs in", async () => {
    await addAuthenticator(tab);
    const watch = watchPage(tab);
    const { email } = await provenPerson();
    const logOut = () => tab.getByRole("button", { name: "Log out", exact: true }).first().click();
    await tab.goto(react.url);
    await fillIn(email);
    await press("Log in");
    await press("Add an app");
    const secret = await tab.locator("form code").innerText();
    await tab.getByLabel("Code of your app").fill(codeOf({ secret }));
    await expectAccessible(tab);
    await press("Add the app");
    await tab.getByText("Keep these recovery codes").waitFor();
    await press("Add a passkey");
    await tab.getByRole("listitem").filter({ hasText: "Passkey" }).waitFor();
    await expectToFitPhone(tab);
    await logOut();
    clock.advance(60);
    await fillIn(email);
    await press("Log in");
    await tab.getByLabel("Code of your app").fill(codeOf({ secret }));
    await expectAccessible(tab);
    await press("Confirm");
    await tab.getByText(`Signed in as ${email}.`).waitFor();
    await logOut();
    await press("Use a passkey");
    await tab.getByText(`Signed in as ${email}.`).waitFor();
    expect(watch.complaints).toEqual([]);
  });

  async function open(): Promise<void> {
    const flags = ["--port", String(react.settings["PORT"])];
    stop = await serveExample("react", react.url, flags, { VITE_LATCHKEY_URL: own.url });
    const context = await (await openChromium()).newContext({ viewport: { width: 800, height: 600 } });
    context.setDefaultTimeout(10_000);
    tab = await context.newPage();
  }

  const press = (name: string) => tab.getByRole("button", { name, exact: true }).click();

  async function fillIn(email: string): Promise<void> {
    await tab.getByLabel("Email").fill(email);
    await tab.getByLabel("Password").fill(password);
  }
});
