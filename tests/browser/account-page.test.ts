import { beforeEach, describe, expect, test } from "vitest";
import { openAccountPage } from "../support/account-page.ts";
import { chromiumPath, expectAccessible, takePicture } from "../support/chromium.ts";
import { latestMail } from "../support/mails.ts";
import { password, registerPerson } from "../support/people.ts";
import { certifiedSettings, startCertifiedProvider } from "../support/providers/certified.ts";
import { chooseAddress, startService, withSettings } from "../support/service.ts";

if (chromiumPath === undefined)
  console.log("The account page was not opened in a browser: that needs Chromium (Debian's package chromium).");

const { url, settings } = await chooseAddress();
const provider = await startCertifiedProvider({ redirectUris: [`${url}/auth/oauth/acme/callback`] });
const all = { ...settings, ...certifiedSettings("OIDC_ACME", provider) };
const service = await startService(all);
const { api, clock, services } = service;

describe.skipIf(chromiumPath === undefined)(
  "17.6 the account page, signed out, in Chromium",
  { timeout: 300_000 },
  () => {
    const page = openAccountPage(url, api);

    // The provider lives in the present.
    beforeEach(() => clock.catchUp());

    test("registration, where an address may wait: signed in at once, and proven with the mail's code", async () => {
      await page.tab.getByRole("link", { name: "Create an account" }).click();
      await page.heading("Create an account");
      await expectAccessible(page.tab);
      await page.press("Create an account");
      await page.tab.getByText("Enter a password.", { exact: true }).waitFor();
      await page.fill("Name", "Ada");
      await page.fill("Email address", "no address");
      await page.fill("Password", "short");
      expect(await page.tab.getByText("At least 15 characters of any kind: 10 to go.").count()).toBe(1);
      await page.press("Create an account");
      await page.tab.getByText("Enter an email address, for example ada@example.com.").waitFor();
      expect(await page.tab.getByText("A password needs at least 15 characters.").count()).toBe(1);
      expect(await page.tab.evaluate("document.activeElement.name")).toBe("email");
      await expectAccessible(page.tab);
      await takePicture(page.tab, "account-register-refused");
      await page.fill("Email address", "ada.registers@example.com");
      await page.fill("Password", "correct horse battery staple");
      const advice = "Many people use this password, so it is tried first.";
      await page.tab.locator(".hint", { hasText: advice }).waitFor();
      await page.press("Create an account");
      await page.tab.locator(".fault", { hasText: advice }).waitFor();
      await page.fill("Password", password);
      await page.press("Create an account");
      await page.heading("Your account");
      const part = page.part("Email address");
      await part.getByText("ada.registers@example.com is not confirmed yet.").waitFor();
      const { data } = await latestMail(services, "verify_email", "ada.registers@example.com");
      await page.fill("Code from the mail", data.code === "000000" ? "000001" : "000000", "Email address");
      await page.press("Confirm the address");
      await page.told("This code is wrong or too old.", "alert");
      await page.fill("Code from the mail", `${data.code.slice(0, 3)} ${data.code.slice(3)}`, "Email address");
      await page.press("Confirm the address");
      await part.getByText("ada.registers@example.com is confirmed.").waitFor();
      expect(page.watch.complaints).toEqual([]);
      expect([...page.watch.asked]).toEqual([url]);
    });

    test("registration, where an address must be proven: check your mail, another mail, the code, signed in", async () => {
      withSettings(service, { ...all, EMAIL_VERIFICATION: "required" });
      const email = "must@example.com";
      await page.tab.getByRole("link", { name: "Create an account" }).click();
      await page.fill("Name", "Ada");
      await page.fill("Email address", email);
      await page.fill("Password", password);
      await page.press("Create an account");
      await page.heading("Check your mail");
      await page.tab.getByText(`We have sent a mail to ${email}.`).waitFor();
      await expectAccessible(page.tab);
      await takePicture(page.tab, "account-check-mail");
      const first = await latestMail(services, "verify_email", email);
      clock.advance(61);
      await page.press("Send another mail");
      await page.told(`If ${email} still has to be confirmed, another mail is on its way.`);
      await page.fill("Code from the mail", "12345");
      await page.press("Confirm the address");
      await page.tab.getByText("Enter the six digits from the mail.").waitFor();
      await page.fill("Code from the mail", (await latestMail(services, "verify_email", email)).data.code);
      await page.press("Confirm the address");
      await page.heading("Your account");
      await page.part("Email address").getByText(`${email} is confirmed.`).waitFor();
      expect((await latestMail(services, "verify_email", email)).id).not.toBe(first.id);
      expect(page.watch.complaints).toEqual([]);
    });

    test("a sign-in before the address is proven leads to the code, and on", async () => {
      withSettings(service, { ...all, EMAIL_VERIFICATION: "required" });
      const email = "before@example.com";
      await api.post("/auth/register", { body: { email, username: "Ada", password } });
      await page.fill("Email address", email);
      await page.fill("Password", password);
      await page.press("Sign in");
      await page.heading("Check your mail");
      await page.tab.getByText(`The address ${email} is not confirmed yet.`).waitFor();
      await page.fill("Code from the mail", (await latestMail(services, "verify_email", email)).data.code);
      await page.tab.keyboard.press("Enter");
      await page.heading("Your account");
    });

    test("a forgotten password: the page says the same for every address, and the mail's link is the way on", async () => {
      const email = await registerPerson(api);
      for (const [who, isKnown] of [
        [email, true],
        ["nobody@example.com", false],
      ] as const) {
        await page.tab.goto(`${url}/account#forgot`);
        await page.heading("Forgot password");
        await page.fill("Email address", who);
        await page.press("Send the link");
        await page.told(`If ${who} has an account, a mail is on its way.`);
        if (isKnown) await takePicture(page.tab, "account-forgot");
      }
      await expectAccessible(page.tab);
      const { token } = (await latestMail(services, "reset_password", email)).data;
      const fresh = `${password} anew`;
      expect((await api.post("/auth/password/reset", { body: { token, password: fresh } })).status).toBe(200);
      await page.tab.getByRole("link", { name: "Back to sign-in" }).click();
      await page.fill("Email address", email);
      await page.fill("Password", fresh);
      await page.press("Sign in");
      await page.heading("Your account");
    });

    test("what goes wrong is said with what to do: wrong password, too often, service or network away", async () => {
      const email = await registerPerson(api);
      await page.press("Sign in");
      await page.tab.getByText("Enter an email address, for example ada@example.com.").waitFor();
      await page.fill("Email address", email);
      await page.fill("Password", `${password}!`);
      await page.press("Sign in");
      await page.told("The email address or the password is wrong.", "alert");
      const answer = (status: number, error_code: string, after?: string) =>
        page.tab.route("**/auth/login", (route) =>
          route.fulfill({
            status,
            headers: { "Content-Type": "application/json", ...(after && { "Retry-After": after }) },
            body: JSON.stringify({ success: false, status_code: status, message: "No", error_code, details: {} }),
          }),
        );
      for (const [status, code, after, said] of [
        [429, "RATE_LIMITED", undefined, "That was too many attempts. Try again in a moment."],
        [503, "OVERLOADED", "5", "The service is not available at the moment. Try again in 5 seconds."],
        [403, "ACCOUNT_INACTIVE", undefined, "This account is deactivated."],
        [403, "FORBIDDEN", undefined, "That did not work (FORBIDDEN)."],
        [403, "constructor", undefined, "That did not work (constructor)."],
      ] as const) {
        await answer(status, code, after);
        await page.press("Sign in");
        await page.told(said, "alert");
        await page.tab.unroute("**/auth/login");
      }
      await page.tab.route("**/auth/login", (route) => route.fulfill({ status: 403, body: "<h1>Blocked</h1>" }));
      await page.press("Sign in");
      await page.told("Something else answered instead of the service", "alert");
      await page.tab.unroute("**/auth/login");
      await page.tab.route("**/auth/login", (route) => route.abort());
      await page.press("Sign in");
      await page.told("The service cannot be reached.", "alert");
      await page.context.setOffline(true);
      await page.press("Sign in");
      await page.told("You are offline.", "alert");
      await expectAccessible(page.tab);
    });

    test("a service that is away when the page is opened: it says so, and tries again when asked", async () => {
      const body = { success: false, status_code: 503, message: "No", error_code: "OVERLOADED", details: {} };
      await page.tab.route("**/auth/refresh", (route) =>
        route.fulfill({ status: 503, headers: { "Retry-After": "60" }, json: body }),
      );
      await page.tab.goto(`${url}/account`);
      await page.told("The service is not available at the moment. Try again in 60 seconds.", "alert");
      expect(await page.tab.title()).toBe("Your account · Latchkey");
      await expectAccessible(page.tab);
      await takePicture(page.tab, "account-away");
      await page.tab.unroute("**/auth/refresh");
      await page.press("Try again");
      await page.heading("Sign in");
      expect(await page.tab.title()).toBe("Sign in · Latchkey");
    });

    test("a provider: there and back; cancelled, and refused, it says so; a forged code shows nothing of itself", async () => {
      provider.people.set("ada", { email: "social@example.com", name: "Ada" });
      await page.press("Continue with Acme");
      await page.tab.fill("[name=login]", "ada");
      await page.tab.fill("[name=password]", "any");
      await page.tab.click("[type=submit]");
      await page.tab.click("text=Continue");
      await page.heading("Your account");
      expect(page.tab.url()).toBe(`${url}/account`);
      await page.press("Sign out");
      await page.told("You are signed out.");
      await page.context.clearCookies();
      await page.press("Continue with Acme");
      await page.tab.click("text=Cancel");
      await page.told("The sign-in was cancelled.", "alert");
      await page.tab.goto(`${url}/account?error=LINK_REQUIRES_PROOF`);
      await page.told("This email address already has an account.", "alert");
      await page.tab.goto(`${url}/account?error=%3Cb%3Ewatch%20out%3C/b%3E`);
      await page.told("Signing in with the provider did not work.", "alert");
      expect(page.tab.url()).toBe(`${url}/account`);
    });

    test("by the keyboard alone, with a focus that shows; links and the browser's way back lead through the views", async () => {
      const email = await registerPerson(api);
      const focused = () =>
        page.tab.evaluate<string[]>(
          "[document.activeElement.name || document.activeElement.textContent || document.activeElement.type, getComputedStyle(document.activeElement).outlineStyle]",
        );
      const seen: string[] = [];
      for (let key = 0; key < 9; key += 1) {
        await page.tab.keyboard.press("Tab");
        const [name = "", outline] = await focused();
        expect(outline, name).not.toBe("none");
        seen.push(name);
      }
      expect(seen.slice(1)).toEqual([
        "email",
        "password",
        "checkbox",
        "Sign in",
        "Forgot password",
        "Create an account",
        "Sign in with a passkey",
        "Continue with Acme",
      ]);
      await page.tab.getByRole("link", { name: "Forgot password" }).focus();
      await page.tab.keyboard.press("Enter");
      await page.heading("Forgot password");
      expect((await focused())[0]).toBe("Forgot password");
      await page.tab.goBack();
      await page.heading("Sign in");
      await page.tab.getByLabel("Email address").focus();
      await page.tab.keyboard.type(email);
      await page.tab.keyboard.press("Tab");
      await page.tab.keyboard.type(password);
      await page.tab.keyboard.press("Enter");
      await page.heading("Your account");
      expect((await focused())[0]).toBe("Your account");
    });
  },
);
