import { afterEach, describe, expect, test, vi } from "vitest";
import { accountOf, type AskForProof, type ClientOptions, type Proof } from "../../client/src/index.ts";
import { password, registerPerson } from "../support/people.ts";
import { createBrowser, home, locationOf, ownOrigin, startSocialService } from "../support/social.ts";
import { createDevice, createStorage, refusal } from "./device.ts";

const service = await startSocialService();
const { api, url, issuer, clock } = service;

afterEach(() => void vi.unstubAllGlobals());

/** Longer than a sign-in is fresh. */
const stale = () => clock.advance(301);

const transports: Record<string, () => Partial<ClientOptions>> = {
  cookie: () => ({}),
  "body, in memory": () => ({ transport: "body", browse: async (target) => issuer.authorize(target) }),
  "body, in a storage": () => ({
    transport: "body",
    storage: createStorage().storage,
    browse: async (target) => issuer.authorize(target),
  }),
};

async function signedIn(options: Partial<ClientOptions> = {}, ask?: AskForProof) {
  const device = createDevice(url);
  const client = device.open(options);
  const email = await registerPerson(api);
  const user = await client.login({ email, password });
  const account = accountOf(client, ask && { reauthenticate: ask });
  return { device, client, account, email, user };
}

/** Links an identity at the service itself, as the person has done before. */
async function linkBefore(email: string, sub: string): Promise<void> {
  const { json } = await api.post("/auth/login", { body: { email, password, transport: "body" } });
  const idToken = await issuer.idToken({ sub, nonce: "n" });
  const { access_token: bearer, refresh_token } = json.data;
  const body = { id_token: idToken, nonce: "n", refresh_token };
  const answer = await api.post("/auth/me/identities/acme", { bearer, body });
  expect(answer.status).toBe(200);
}

/** A page of a browser: where it is sent. */
function showPage(href: string): string[] {
  const assigned: string[] = [];
  vi.stubGlobal("location", Object.assign(new URL(href), { assign: (target: string) => assigned.push(target) }));
  vi.stubGlobal("history", { state: null, replaceState: () => {} });
  return assigned;
}

describe.each(Object.keys(transports))("15.2 the account, by %s", (how) => {
  const options = () => transports[how]?.();

  test("lists its identities, and removes one with the session's proof", async () => {
    const { account, email } = await signedIn(options());
    expect(await account.identities()).toEqual({ identities: [], has_password: true });
    await linkBefore(email, `listed by ${how}`);
    expect((await account.identities()).identities.map(({ provider }) => provider)).toEqual(["acme"]);
    expect(await account.unlinkIdentity("acme")).toEqual({ identities: [], has_password: true });
  });

  test("a sign-in that is too old: without an option the caller is told, and may reauthenticate", async () => {
    const { device, client, account, email } = await signedIn(options());
    await linkBefore(email, `old by ${how}`);
    stale();
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({
      code: "REAUTHENTICATION_REQUIRED",
      status: 403,
      details: { max_age_seconds: 300 },
    });
    const before = await client.getAccessToken();
    expect((await account.reauthenticate({ password }))?.email).toBe(email);
    expect(await client.getAccessToken()).not.toBe(before);
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
    stale();
    expect((await client.refresh())?.email).toBe(email);
    expect(device.count("/auth/reauthenticate")).toBe(1);
  });

  test("with the option the person is asked, and the call goes on", async () => {
    const asked: [string | null, string | undefined][] = [];
    const answers: (Proof | undefined)[] = [{ password: "not this one, alas" }, { password }];
    const ask: AskForProof = async ({ email: whose }, fault) => {
      asked.push([whose, fault?.code]);
      return answers.shift();
    };
    const { device, account, email } = await signedIn(options(), ask);
    await linkBefore(email, `asked by ${how}`);
    stale();
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
    expect(asked).toEqual([
      [email, undefined],
      [email, "INVALID_CREDENTIALS"],
    ]);
    expect(device.count("/auth/me/identities/acme")).toBe(2);
  });

  test("a person who gives up leaves all as it is", async () => {
    const { client, account, email } = await signedIn(options(), async () => undefined);
    await linkBefore(email, `given up by ${how}`);
    stale();
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "REAUTHENTICATION_REQUIRED" });
    expect((await account.identities()).identities).toHaveLength(1);
    expect(client.user?.email).toBe(email);
  });

  test("nobody is asked for ever", async () => {
    const ask = vi.fn<AskForProof>(async () => ({ password: "not this one, alas" }));
    const { account, email } = await signedIn(options(), ask);
    await linkBefore(email, `for ever by ${how}`);
    stale();
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    expect(ask).toHaveBeenCalledTimes(3);
  });

  test("a reauthentication whose answer is lost is repeated, and no token is taken for stolen", async () => {
    const { device, client, account, email } = await signedIn(options());
    stale();
    let losses = 0;
    device.way = (_request, send) => {
      losses += 1;
      if (losses > 1) return undefined;
      const kept = new Map(device.cookies);
      return send().then(() => {
        for (const [name, value] of kept) device.cookies.set(name, value);
        throw new TypeError("connection lost");
      });
    };
    expect((await account.reauthenticate({ password }))?.email).toBe(email);
    expect(device.count("/auth/reauthenticate")).toBe(2);
    clock.advance(60);
    expect((await client.refresh())?.email).toBe(email);
  });

  test("calls of other tabs at the same time, refreshes and reauthentications among them, all succeed", async () => {
    const { device, client, account, email } = await signedIn(options());
    const other = how === "cookie" ? device.open() : client;
    stale();
    await account.reauthenticate({ password });
    const outcomes = await Promise.allSettled([
      other.refresh(),
      accountOf(other).unlinkIdentity("acme"),
      account.reauthenticate({ password }),
      client.refresh(),
      account.unlinkIdentity("acme"),
      accountOf(other).reauthenticate({ password }),
    ]);
    const codes = outcomes.map((one) => (one.status === "rejected" ? one.reason.code : "done"));
    expect(codes).toEqual(["done", "IDENTITY_NOT_FOUND", "done", "done", "IDENTITY_NOT_FOUND", "done"]);
    clock.advance(60);
    expect((await client.refresh())?.email).toBe(email);
    expect((await other.refresh())?.email).toBe(email);
  });

  test("an access token that has run out by the service's clock is renewed, and the call is made", async () => {
    const { account, email } = await signedIn(options(), async () => ({ password }));
    await linkBefore(email, `run out by ${how}`);
    clock.advance(31 * 60);
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
  });

  test("nobody is signed in: UNAUTHENTICATED, and nothing is sent but the question who it is", async () => {
    const device = createDevice(url);
    const account = accountOf(device.open(options()));
    for (const call of [
      () => account.identities(),
      () => account.unlinkIdentity("acme"),
      () => account.reauthenticate({ password }),
    ])
      await expect(call()).rejects.toMatchObject({ name: "LatchkeyError", code: "UNAUTHENTICATED" });
    expect(device.sent.filter(({ call }) => call !== "POST /auth/refresh")).toEqual([]);
  });

  test("what one person has asked for is not done for whoever signs in meanwhile", async () => {
    const second = await registerPerson(api);
    const { device, client, account, email } = await signedIn(options(), async () => {
      await client.login({ email: second, password });
      return { password };
    });
    await linkBefore(email, `meanwhile by ${how}`);
    stale();
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect([client.user?.email, device.count("/auth/reauthenticate")]).toEqual([second, 0]);
  });
});

describe("15.2 linking, by the cookie", () => {
  test("goes to the provider and comes back linked", async () => {
    const assigned = showPage(`${home}`);
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
    expect(assigned[0]).toContain("/auth/oauth/acme/authorize?redirect_to=");
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

  test("somebody else who is signed in when the page comes back gets no link", async () => {
    issuer.person = { sub: "not yours" };
    const { page } = await comeBack();
    await page.login({ email: await registerPerson(api), password });
    expect((await accountOf(page).identities()).identities).toEqual([]);
  });
});

test("15.2 accountOf takes a client that a framework has wrapped, and nothing else", async () => {
  const { client, email } = await signedIn();
  const wrapped = new Proxy(client, {});
  expect((await accountOf(wrapped).reauthenticate({ password }))?.email).toBe(email);
  expect(() => accountOf({ fetch })).toThrow(
    expect.objectContaining({ name: "LatchkeyError", code: "INVALID_OPTIONS" }),
  );
});
