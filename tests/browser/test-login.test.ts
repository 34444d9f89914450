import { beforeEach, describe, expect, test } from "vitest";
import { chromiumPath, expectAccessible, expectToFitPhone, takePicture } from "../support/chromium.ts";
import { latestMail } from "../support/mails.ts";
import { password, registerPerson } from "../support/people.ts";
import { certifiedSettings, startCertifiedProvider } from "../support/providers/certified.ts";
import { chooseAddress, startService } from "../support/service.ts";
import { openTestPage } from "../support/test-page.ts";

if (chromiumPath === undefined)
  console.log("The test page was not opened in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const provider = await startCertifiedProvider({ redirectUris: [`${url}/auth/oauth/acme/callback`] });
const { api, clock, services } = await startService({
  ...settings,
  ...certifiedSettings("OIDC_ACME", provider),
});

describe.skipIf(chromiumPath === undefined)("the test page, in Chromium", { timeout: 300_000 }, () => {
  const page = openTestPage(url, api);

  // The provider lives in the present.
  beforeEach(() => clock.catchUp());

  test("15.13: Chromium hands a domain over in its A-label: one account with what was typed elsewhere", async () => {
    const typed = "zoe@müller.example";
    const body = { email: typed, username: "Zoë", password };
    expect((await api.post("/auth/register", { body })).status).toBe(201);
    await page.fill(typed);
    await page.press("Log in");
    await page.told("Logged in as Zoë.");
    expect(await page.tab.getByLabel("Email", { exact: true }).inputValue()).toBe("zoe@xn--mller-kva.example");
    expect(await page.region("Access token").innerText()).toContain(`Logged in as ${typed}.`);
    await page.press("Log out");
    await page.told("Logged out");
    await page.tab.getByLabel("Username").fill("Another");
    await page.fill(typed);
    await page.press("Register");
    await page.told("EMAIL_ALREADY_REGISTERED");
  });

  test("the whole path: register, log in, refresh, log out; each step shows what was asked and answered", async () => {
    expect(await page.tab.getByRole("button").allInnerTexts()).toEqual([
      "Register",
      "Log in",
      "Refresh",
      "Log out",
      "Log out others",
      "Log out everywhere",
      "List",
      "Link",
      "Unlink",
    ]);
    await expectAccessible(page.tab);
    await page.tab.getByLabel("Username").fill("Ada");
    await page.fill("path@example.com", "too short");
    expect(await page.tab.locator("#hint-password").innerText()).toBe(
      "At least 15 characters of any kind: 9, 6 to go.",
    );
    await page.press("Register");
    await page.told("422 VALIDATION_ERROR");
    expect(await page.tab.locator("#fault-password").innerText()).toBe("Password must have at least 15 characters.");
    await takePicture(page.tab, "test-login-refused");

    const judged = page.tab.waitForResponse("**/auth/password/check");
    await page.fill("path@example.com");
    expect(await page.tab.locator("#hint-password").innerText()).toContain("long enough");
    // What typing asks is no step, and is not listed.
    await judged;
    await page.press("Register");
    await page.told("path@example.com is registered. Now log in. /dev/mailbox shows the mail.");
    await page.press("Log in");
    await page.told("Logged in as Ada.");
    const token = await page.region("Access token").innerText();
    expect(token).toContain("Logged in as path@example.com.");
    expect(token).toMatch(/expires in (?:30:00|29:\d\d)/);
    expect(token).toContain(`"iss": "${url}"`);
    expect(token).toContain('"typ": "at+jwt"');
    const titles = (await page.region("Requests and answers").locator("summary").allInnerTexts()).map((text) =>
      text.replace(/, \d+ ms/, ""),
    );
    expect(titles.slice(0, 4)).toEqual([
      "GET /auth/me: 200",
      "POST /auth/login: 200",
      "POST /auth/register: 201",
      "POST /auth/register: 422",
    ]);
    // These two are asked at once when the page is opened.
    expect(titles.slice(4).toSorted()).toEqual(["GET /auth/oauth/providers: 200", "POST /auth/refresh: 401"]);
    await page.region("Requests and answers").getByText("POST /auth/login").click();
    const shown = await page.region("Requests and answers").innerText();
    expect(shown).toContain('"email": "path@example.com"');
    expect(shown).not.toContain(password);
    await takePicture(page.tab, "test-login", { fullPage: true });

    const jti = () => page.region("Access token").locator("pre").nth(1).innerText();
    const before = await jti();
    await page.press("Refresh");
    await page.told("The session has new tokens.");
    expect(await jti()).not.toBe(before);
    await page.press("Log out");
    await page.told("Logged out on this device.");
    expect(await page.region("Access token").innerText()).toContain("Nobody is logged in.");
    await page.press("Refresh");
    await page.told("Nobody is logged in.");
    expect(page.watch.complaints).toEqual([]);
    expect([...page.watch.asked]).toEqual([url]);
  });

  test("the countdown goes down", async () => {
    await page.logIn();
    const left = () => page.region("Access token").getByRole("timer").innerText();
    const first = await left();
    await expect.poll(left, { timeout: 60_000 }).not.toBe(first);
    expect(await left()).toMatch(/^29:\d\d$/);
  });

  test("a page that is opened again is still logged in; a wrong password says so", async () => {
    const email = await page.logIn();
    await page.tab.reload();
    await page.told("Logged in as");
    expect(await page.region("Access token").innerText()).toContain(email);
    await page.fill(email, `${password}!`);
    await page.press("Log in");
    await page.told("401 INVALID_CREDENTIALS");
    expect(await page.status()).not.toContain(password);
  });

  test("logging out others, and everywhere, reaches other devices", async () => {
    const email = await page.logIn();
    const elsewhere = await api.post("/auth/login", { body: { email, password } });
    await page.press("Log out others");
    await page.told("Logged out on all other devices.");
    expect((await api.post("/auth/refresh", { cookie: elsewhere.cookie })).status).toBe(401);
    const again = await api.post("/auth/login", { body: { email, password } });
    await page.press("Log out everywhere");
    await page.told("Logged out on all devices.");
    expect((await api.post("/auth/refresh", { cookie: again.cookie })).status).toBe(401);
    expect(await page.region("Access token").innerText()).toContain("Nobody is logged in.");
  });

  test("15.9g logging out leaves nothing in the browser's storage for this page; logging out others does", async () => {
    await page.logIn();
    await page.tab.evaluate("localStorage.setItem('left', 'behind')");
    await page.press("Log out others");
    await page.told("Logged out on all other devices.");
    expect(await page.tab.evaluate("localStorage.getItem('left')")).toBe("behind");
    await page.press("Log out");
    await page.told("Logged out on this device.");
    expect(await page.tab.evaluate("localStorage.getItem('left')")).toBeNull();
  });

  test("steps of an account's life: an address is verified, sessions and activity are listed", async () => {
    const email = await page.logIn();
    for (const name of ["Mailed links and codes", "Sessions and activity", "Profile"])
      await page.tab.getByRole("heading", { name }).click();
    await expectAccessible(page.tab);
    await page.tab.getByLabel("Address", { exact: true }).fill(email);
    await page.tab
      .getByLabel("Code", { exact: true })
      .fill((await latestMail(services, "verify_email", email)).data.code);
    await page.press("Verify");
    await page.told("The address is verified.");
    await page.press("List sessions");
    await page.told('"current": true');
    await page.press("List activity");
    await page.told("account.address_proven");
    await page.tab.getByLabel("New name").fill("Ada Lovelace");
    await page.press("Change profile");
    await page.told("The profile is changed: Ada Lovelace.");
    await page.press("Delete account");
    await page.told("The account will be erased at ");
    expect(page.watch.complaints).toEqual([]);
  });

  test("a social provider: there and back, logged in; cancelled, it says so", async () => {
    provider.people.set("ada", { email: "social@example.com", name: "Ada" });
    await page.tab.getByRole("link", { name: "Sign in with" }).click();
    await page.tab.fill("[name=login]", "ada");
    await page.tab.fill("[name=password]", "any");
    await page.tab.click("[type=submit]");
    await page.tab.click("text=Continue");
    await page.tab.waitForURL(`${url}/test-login`);
    await page.region("Access token").filter({ hasText: "Logged in as social@example.com." }).waitFor();
    await page.press("Log out");
    await page.told("Logged out");
    await page.context.clearCookies();
    await page.tab.getByRole("link", { name: "Sign in with" }).click();
    await page.tab.click("text=Cancel");
    await page.tab.waitForURL(/test-login/);
    await page.told("ACCESS_DENIED");
    expect(page.tab.url()).toBe(`${url}/test-login`);
  });

  test("by the keyboard alone, and Enter logs in", async () => {
    const email = await registerPerson(api);
    await page.tab.keyboard.press("Tab");
    await page.tab.keyboard.type(email);
    await page.tab.keyboard.press("Tab");
    await page.tab.keyboard.press("Tab");
    await page.tab.keyboard.type(password);
    await page.tab.keyboard.press("Enter");
    await page.told("Logged in as");
    const seen: string[] = [];
    for (let key = 0; key < 9; key += 1) {
      await page.tab.keyboard.press("Tab");
      seen.push(await page.tab.evaluate<string>("document.activeElement.textContent || document.activeElement.type"));
      const outline = await page.tab.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle");
      expect(outline, seen.at(-1)).not.toBe("none");
    }
    expect(seen.slice(0, 8)).toEqual([
      "checkbox",
      "Register",
      "Log in",
      "Sign in with Acme",
      "Refresh",
      "Log out",
      "Log out others",
      "Log out everywhere",
    ]);
  });

  test.each(["light", "dark"] as const)("in %s, axe finds nothing serious, on a phone neither", async (colorScheme) => {
    await page.tab.emulateMedia({ colorScheme });
    await page.logIn();
    await page.region("Requests and answers").locator("summary").first().click();
    await expectAccessible(page.tab);
    await page.fill("nobody", "short");
    await page.press("Log in");
    await page.told("422");
    await expectAccessible(page.tab);
    await expectToFitPhone(page.tab);
    await expectAccessible(page.tab);
    await takePicture(page.tab, `test-login-phone-${colorScheme}`);
    expect(page.watch.complaints).toEqual([]);
  });
});
