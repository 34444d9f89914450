import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, closeTabs, openChromium } from "../support/chromium.ts";
import { password, registerPerson } from "../support/people.ts";
import { certifiedSettings, registration, startCertifiedProvider } from "../support/providers/certified.ts";
import { serveProvider, type ProviderAnswer, type ProviderRequest } from "../support/providers/serve.ts";
import { chooseAddress, startService } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("Social login was not driven in a browser: it needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const callbacks = ["google", "entra", "acme", "other"].map((name) => `${url}/auth/oauth/${name}/callback`);

// As a team has it: the service, its front end and the providers are three places.
const talkative = await startCertifiedProvider({ redirectUris: callbacks, isTalkative: true });
const quiet = await startCertifiedProvider({ redirectUris: callbacks });
const home = (await serveProvider(frontEnd)).url.replace("127.0.0.1", "localhost");
const { api, clock, logLines } = await startService({
  ...settings,
  FRONTEND_URL: home,
  ...certifiedSettings("GOOGLE", talkative),
  ...certifiedSettings("ENTRA", talkative),
  ENTRA_TENANT_ID: "8b3f2d4e-0c1a-4d5e-9f60-718293a4b5c6",
  ...certifiedSettings("OIDC_ACME", quiet),
  OIDC_ACME_TRUST_EMAIL: "true",
  ...certifiedSettings("OIDC_OTHER", quiet),
});

describe.skipIf(chromiumPath === undefined)("social login, in Chromium", { timeout: 300_000 }, () => {
  let browser: Browser;
  let context: BrowserContext;
  let tab: Page;

  beforeAll(async () => {
    browser = await openChromium();
    return closeTabs;
  });

  test.each([
    ["google", talkative, { email_verified: true, hd: "example.com" }, true],
    ["entra", talkative, { xms_edov: true }, true],
    ["acme", quiet, { email_verified: true }, true],
    ["other", quiet, { email_verified: true }, false],
  ])("%s: from the front end to the provider and back, signed in", async (name, { people }, claims, isVerified) => {
    const email = `${name}@example.com`;
    people.set(name, { email, name: "Ada Lovelace", ...claims });
    await open();
    expect(await signInAt(name, name)).toBe(email);
    // 15.11: an empty fragment, so that none of a provider's stays.
    expect(tab.url()).toBe(`${home}/in#`);
    const bearer = await tab.evaluate<string>("accessToken");
    const { user } = (await api.get("/auth/me", { bearer })).json.data;
    expect(user).toMatchObject({ email, email_verified: isVerified, name: "Ada Lovelace", provider: name });
    expect(await tab.evaluate("document.cookie")).toBe("");
    const cookies = (await context.cookies(url)).filter(({ domain }) => domain === "localhost");
    expect(new Set(cookies.map((cookie) => [cookie.name, cookie.httpOnly, cookie.sameSite].join(" ")))).toEqual(
      new Set(["refresh_token true Lax", "latchkey_device true Lax"]),
    );
  });

  test("a provider that answers by a form: the cookie comes along all the same", async () => {
    quiet.people.set("form", { email: "form@example.com", email_verified: true });
    await open();
    const posts: string[] = [];
    context.on("request", (request) => {
      if (request.method() === "POST" && request.url().includes("/callback")) posts.push(request.url());
    });
    await tab.route(`${url}/auth/oauth/acme/authorize*`, async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      const location = `${response.headers()["location"]}&response_mode=form_post`;
      await route.fulfill({ response, headers: { ...response.headers(), location } });
    });
    expect(await signInAt("acme", "form")).toBe("form@example.com");
    expect(posts).toEqual([`${url}/auth/oauth/acme/callback`]);
  });

  test("a cancelled consent comes back as ACCESS_DENIED, and nobody is signed in", async () => {
    await open();
    await tab.click("#google");
    await tab.click("text=Cancel");
    await tab.waitForURL(`${home}/in*`);
    expect(await shown()).toBe("ACCESS_DENIED");
    await tab.goto(home);
    expect(await shown()).toBe("nobody");
  });

  test("15.11 a provider whose redirects end in #_=_, as Facebook's do, leaves nothing of it in the address bar", async () => {
    await open();
    await tab.route(`${url}/auth/oauth/acme/authorize*`, async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      const state = new URL(response.headers()["location"] ?? "").searchParams.get("state");
      const answer = `error=access_denied&state=${state}&iss=${encodeURIComponent(quiet.url)}`;
      const location = `${url}/auth/oauth/acme/callback?${answer}#_=_`;
      await route.fulfill({ response, headers: { ...response.headers(), location } });
    });
    await tab.click("#acme");
    await tab.waitForURL(/error=/);
    expect(tab.url()).toBe(`${home}/in?error=ACCESS_DENIED#`);
  });

  test("a callback that is opened in another browser signs nobody in", async () => {
    quiet.people.set("lured", { email: "lured@example.com", email_verified: true });
    await open();
    let callback = "";
    context.on("request", (request) => {
      if (request.url().includes("/acme/callback")) callback = request.url();
    });
    await tab.click("#acme");
    // The browser that began forgets: the state stays unused, and the code good.
    await context.clearCookies({ name: /^oauth_attempt/ });
    await typeLogin("lured");
    await tab.waitForURL(`${home}/*`);
    expect(await shown()).toBe("INVALID_STATE");
    await open();
    await tab.goto(callback);
    expect(await shown()).toBe("INVALID_STATE");
  });

  test("an account with a password links an identity by way of the provider", async () => {
    const email = await registerPerson(api);
    quiet.people.set("linked", { email: "elsewhere@example.com" });
    await open();
    const target = await tab.evaluate<string>(`link("${email}", "${password}")`);
    await tab.goto(target);
    await typeLogin("linked");
    await tab.waitForURL(`${home}/in#`);
    expect(await shown()).toBe(email);
    await open();
    expect(await signInAt("other", "linked")).toBe(email);
  });

  test("an attempt is over after ten minutes, however long the provider's page stays open", async () => {
    quiet.people.set("slow", { email: "slow@example.com" });
    await open();
    await tab.click("#acme");
    clock.advance(601);
    await typeLogin("slow");
    await tab.waitForURL(/error=/);
    expect(await shown()).toBe("INVALID_STATE");
    expect(logLines.join()).not.toContain(registration.client_secret);
  });

  async function open(): Promise<void> {
    // The providers live in the present.
    clock.catchUp();
    context = await browser.newContext();
    tab = await context.newPage();
    await tab.goto(home);
  }

  const shown = () => tab.locator("output:not(:empty)").textContent();

  /** Clicks a provider's link, and signs in there as people do: login, password, consent. */
  async function signInAt(name: string, login: string): Promise<string | null> {
    await tab.click(`#${name}`);
    await typeLogin(login);
    await tab.waitForURL(`${home}/in*`);
    return shown();
  }

  async function typeLogin(login: string): Promise<void> {
    await tab.fill("[name=login]", login);
    await tab.fill("[name=password]", "any");
    await tab.click("[type=submit]");
    await tab.click("text=Continue");
  }
});

function frontEnd(request: ProviderRequest): ProviderAnswer {
  return request.url.pathname === "/favicon.ico" ? { status: 404 } : { body: page(url) };
}

/** A front end: links to each provider; it shows who is signed in, or the error that it was sent back with. */
function page(service: string): string {
  const links = ["google", "entra", "acme", "other"].map((name) => `<a href="#" id="${name}">${name}</a>`);
  return `<!doctype html><title>Front end</title> ${links.join("\n")} <output></output>
    <script type="module">
      const redirectTo = location.origin + "/in";
      for (const link of document.links)
        link.href = "${service}/auth/oauth/" + link.id + "/authorize?redirect_to=" + encodeURIComponent(redirectTo);
      async function post(path, body, headers = {}) {
        const options = { method: "POST", credentials: "include", body: JSON.stringify(body) };
        const answer = await fetch("${service}" + path, { ...options, headers: { "Content-Type": "application/json", ...headers } });
        return (await answer.json()).data;
      }
      window.link = async (email, password) => {
        const { access_token: token } = await post("/auth/login", { email, password });
        const headers = { Authorization: "Bearer " + token };
        return (await post("/auth/me/identities/other", { redirect_to: redirectTo }, headers)).authorization_url;
      };
      const data = await post("/auth/refresh", {});
      window.accessToken = data?.access_token;
      const error = new URLSearchParams(location.search).get("error");
      document.querySelector("output").textContent = error ?? data?.user.email ?? "nobody";
    </script>`;
}
