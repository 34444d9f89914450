import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Api } from "./api.ts";
import { closeTabs, openChromium, watchPage, type Watch } from "./chromium.ts";
import { password, registerPerson } from "./people.ts";

/** The account page in a tab of a browser, as a person uses it. It is opened anew for each test. */
export interface AccountPage {
  readonly context: BrowserContext;
  readonly tab: Page;
  readonly watch: Watch;
  /** Opens it in another browser. @param locale that the browser prefers */
  openElsewhere(locale: string): Promise<Page>;
  /** Fills in the field with this label. @param within a part of the page, by its heading */
  fill(label: string, value: string, within?: string): Promise<void>;
  press(name: string | RegExp, within?: string): Promise<void>;
  /** Until the page says so, in an element that screen readers announce. */
  told(text: string | RegExp, role?: "status" | "alert"): Promise<void>;
  heading(name: string | RegExp): Promise<void>;
  part(name: string): ReturnType<Page["getByRole"]>;
  /** Registers somebody new, and signs them in on the page. @param address a new one unless given @returns their address */
  signIn(address?: string): Promise<string>;
}

/** @param url of the service */
export function openAccountPage(url: string, api: Api): AccountPage {
  let browser: Browser;
  let context: BrowserContext;
  let tab: Page;
  let watch: Watch;

  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(closeTabs);
  beforeEach(async () => {
    context = await newContext("en-US");
    tab = await context.newPage();
    watch = watchPage(tab);
    await tab.goto(`${url}/account`);
    await tab.getByRole("heading", { level: 1 }).waitFor();
    return () => context.close();
  });

  async function newContext(locale: string): Promise<BrowserContext> {
    const made = await browser.newContext({ viewport: { width: 1100, height: 800 }, locale, ignoreHTTPSErrors: true });
    made.setDefaultTimeout(20_000);
    return made;
  }
  const part = (name: string) => tab.getByRole("region", { name, exact: true });
  const place = (within: string | undefined) => (within === undefined ? tab : part(within));
  const fill = (label: string, value: string, within?: string) =>
    place(within).getByLabel(label, { exact: true }).fill(value);
  const press = (name: string | RegExp, within?: string) =>
    place(within).getByRole("button", { name, exact: true }).click();
  const heading = (name: string | RegExp) => tab.getByRole("heading", { name, exact: true, level: 1 }).waitFor();

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
    async openElsewhere(locale) {
      const page = await (await newContext(locale)).newPage();
      await page.goto(`${url}/account`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      return page;
    },
    fill,
    press,
    told: (text, role = "status") => tab.getByRole(role).filter({ hasText: text }).waitFor(),
    heading,
    part,
    async signIn(address) {
      const registered = await registerPerson(api, address === undefined ? {} : { email: address });
      const email = address ?? registered;
      await fill("Email address", email);
      await fill("Password", password);
      await press("Sign in");
      await heading("Your account");
      return email;
    },
  };
}
