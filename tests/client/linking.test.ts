import { afterEach, describe, expect, test, vi } from "vitest";
import { accountOf } from "../../client/src/account.ts";
import { password, registerPerson } from "../support/people.ts";
import { createBrowser, home, locationOf, ownOrigin, startSocialService } from "../support/social.ts";
import { accountHolders } from "./account-holder.ts";
import { createStorage, refusal } from "./device.ts";

const service = await startSocialService();
const { api, url, issuer } = service;
const { transports, signedIn, linkBefore, stale } = accountHolders(service);

afterEach(() => void vi.unstubAllGlobals());

/** A page of a browser: where it is sent. */
function showPage(href: string): string[] {
  const assigned: string[] = [];
  vi.stubGlobal("location", Object.assign(new URL(href), { assign: (target: string) => assigned.push(target) }));
  vi.stubGlobal("history", { state: null, replaceState: () => {} });
  return assigned;
}

describe("15.2 linking, by the cookie", () => {
  test("goes to the provider and comes back linked", async () => {
    const assigned = showPage(home);
    const { device, account, email } = await signedIn({}, async () => ({ password }));
    stale();
    expect(await account.linkIdentity("acme")).toBeUndefined();
    expect(device.sent.filter(({ call }) => call.includes("identities")).map(({ status }) => status)).toEqual([
      403, 200,
    ]);
    const browser = createBrowser();
    for (const [name, value] of device.cookies) browser.cookies.set(name, value);
    issuer.person = { sub: "by the cookie" };
    const back = await browser.visit(issuer.authorize(assigned[0] ?? "").replace(ownOrigin, url));
    expect(locationOf(back).href.replace("#", "")).toBe(home);
    expect((await account.identities()).identities).toMatchObject([{ provider: "acme" }]);
    expect(email).toContain("@");
  });

  test("without a password one signs in at a provider again, which is a new session", async () => {
    const assigned = showPage(home);
    const { account } = await signedIn();
    expect(await account.reauthenticate({ provider: "acme" })).toBeUndefined();
    const { pathname, searchParams } = new URL(assigned[0] ?? "");
    expect(pathname).toBe("/auth/oauth/acme/authorize");
    // A session that the provider keeps open is no proof.
    expect(Object.fromEntries(searchParams)).toEqual({ max_age: "0", redirect_to: expect.any(String) });
  });
});

describe("15.2 linking, with transport: body", () => {
  test("an app links at once, reauthenticated at a provider", async () => {
    const { account, email } = await signedIn(transports["body, in memory"]?.(), async () => ({
      provider: "acme",
      redirectTo: home,
    }));
    issuer.person = { sub: "an app's" };
    const linked = await account.linkIdentity("acme", { redirectTo: home });
    expect(linked?.identities).toMatchObject([{ provider: "acme" }]);
    await linkBefore(email, "an app's other");
    stale();
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
  });

  test("without a storage that outlives the page, both ways to a provider say what they need", async () => {
    const assigned = showPage(home);
    const { account } = await signedIn({ transport: "body" });
    for (const go of [() => account.linkIdentity("acme"), () => account.reauthenticate({ provider: "acme" })])
      await expect(go()).rejects.toMatchObject({
        code: "PLATFORM_ERROR",
        message: expect.stringMatching(/^Signing in with a provider needs storage or browse/),
      });
    expect(assigned).toEqual([]);
  });

  test("a cancelled link is none", async () => {
    const { account } = await signedIn({ transport: "body", browse: async () => undefined });
    expect(await account.linkIdentity("acme", { redirectTo: home })).toBeUndefined();
    expect(await account.reauthenticate({ provider: "acme", redirectTo: home })).toBeUndefined();
    expect((await account.identities()).identities).toEqual([]);
  });

  /** A page that is left for the provider, and opened again with its answer. */
  async function comeBack() {
    const { storage } = createStorage();
    const assigned = showPage(home);
    const { device, account, client, email } = await signedIn({ transport: "body", storage });
    expect(await account.linkIdentity("acme", { redirectTo: home })).toBeUndefined();
    client.close();
    showPage(issuer.authorize(assigned[0] ?? ""));
    const page = device.open({ transport: "body", storage });
    return { device, email, page, storage };
  }

  test("a page comes back: it is signed in as before, and the first list finishes the link", async () => {
    issuer.person = { sub: "a page's", email: "other@example.com", email_verified: true };
    const { device, email, page } = await comeBack();
    expect((await page.refresh())?.email).toBe(email);
    const account = accountOf(page);
    expect((await account.identities()).identities).toMatchObject([{ email: "other@example.com" }]);
    expect((await account.identities()).identities).toHaveLength(1);
    expect(device.count("/auth/oauth/acme")).toBe(0);
    expect(device.count("/auth/me/identities/acme")).toBe(1);
  });

  test("a link that waits for a reauthentication, or for the service, is finished afterwards", async () => {
    issuer.person = { sub: "a waiting page's" };
    const { device, page } = await comeBack();
    const account = accountOf(page);
    stale();
    await expect(account.identities()).rejects.toMatchObject({ code: "REAUTHENTICATION_REQUIRED" });
    await account.reauthenticate({ password });
    device.way = (request) => (request.url.endsWith("/acme") ? Promise.resolve(refusal(503)) : undefined);
    await expect(account.identities()).rejects.toMatchObject({ status: 503 });
    device.way = undefined;
    expect((await account.identities()).identities).toHaveLength(1);
  });

  test("a pending link is not finished for somebody else, who signs in on the same page", async () => {
    issuer.person = { sub: "pending" };
    const { device, email, page } = await comeBack();
    const account = accountOf(page);
    stale();
    await expect(account.identities()).rejects.toMatchObject({ code: "REAUTHENTICATION_REQUIRED" });
    await page.logout();
    await page.login({ email: await registerPerson(api), password });
    expect((await account.identities()).identities).toEqual([]);
    await page.login({ email, password });
    expect((await account.identities()).identities).toEqual([]);
    expect(device.count("/auth/me/identities/acme")).toBe(1);
  });

  test("of two lists at once one finishes the link, the prompt's own among them", async () => {
    issuer.person = { sub: "in time of two lists" };
    const { device, page } = await comeBack();
    const lists = accountOf(page);
    await Promise.all([lists.identities(), lists.identities(), accountOf(page).identities()]);
    expect((await lists.identities()).identities).toHaveLength(1);
    expect(device.count("/auth/me/identities/acme")).toBe(1);
    issuer.person = { sub: "in time of a prompt" };
    const { page: other } = await comeBack();
    const account = accountOf(other, {
      reauthenticate: async () => ((await account.identities()).has_password ? { password } : undefined),
    });
    stale();
    expect((await account.identities()).identities).toHaveLength(1);
  });

  test("somebody else who is signed in when the page comes back gets no link", async () => {
    issuer.person = { sub: "not yours" };
    const { page } = await comeBack();
    await page.login({ email: await registerPerson(api), password });
    expect((await accountOf(page).identities()).identities).toEqual([]);
  });
});
