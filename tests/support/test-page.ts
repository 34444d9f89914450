import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { closeTabs, openChromium, watchPage, type Watch } from "./chromium.ts";
import { password, registerPerson } from "./people.ts";
import type { Api } from "./api.ts";

/** The test page in tabs of a browser, as a person uses it. It is opened anew for each test. */
export interface TestPage {
  readonly context: BrowserContext;
  readonly tab: Page;
  readonly watch: Watch;
  /** Opens it in one more tab of the same browser. */
  open(): Promise<Page>;
  press(name: string, page?: Page): Promise<void>;
  /** Until it says so. */
  told(text: string | RegExp, page?: Page): Promise<void>;
  status(): Promise<string>;
  region(name: "Access token" | "Requests and answers", page?: Page): ReturnType<Page["getByRole"]>;
  fill(email: string, secret?: string): Promise<void>;
  /** Registers somebody new, and logs them in on the page. @returns their address */
  logIn(): Promise<string>;
}

/** @param url of the service */
export function openTestPage(url: string, api: Api): TestPage {
  let browser: Browser;
  let context: BrowserContext;
  let tab: Page;
  let watch: Watch;

  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(closeTabs);
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ignoreHTTPSErrors: true });
    tab = await open();
    return () => context.close();
  });

  async function open(): Promise<Page> {
    const page = await context.newPage();
    watch = watchPage(page);
    await page.goto(`${url}/test-login`);
    for (const call of ["POST /auth/refresh", "GET /auth/oauth/providers"]) await page.waitForSelector(`text=${call}`);
    return page;
  }
  const press = (name: string, page = tab) => page.getByRole("button", { name, exact: true }).click();
  const told = (text: string | RegExp, page = tab) => page.getByRole("status").filter({ hasText: text }).waitFor();
  async function fill(email: string, secret = password): Promise<void> {
    await tab.getByLabel("Email", { exact: true }).fill(email);
    await tab.getByLabel("Password", { exact: true }).fill(secret);
  }

  return {
    get context() {
      return context;
    },
    get tab() {
      return tab;
    },
    get watch() {
      return watch;
    },
    open,
    press,
    told,
    status: () => tab.getByRole("status").innerText(),
    region: (name, page = tab) => page.getByRole("region", { name }),
    fill,
    async logIn() {
      const email = await registerPerson(api);
      await fill(email);
      await press("Log in");
      await told("Logged in as");
      return email;
    },
  };
}
