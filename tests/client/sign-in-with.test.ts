import { afterEach, describe, expect, test, vi } from "vitest";
import type { Browse } from "../../client/src/index.ts";
import { password, registerPerson } from "../support/people.ts";
import { startSocialService, home } from "../support/social.ts";
import { createDevice, createStorage, refusal } from "./device.ts";

const service = await startSocialService();
const { url, issuer } = service;

afterEach(() => void vi.unstubAllGlobals());

/** A page of a browser: where it is, and where it was sent. */
function showPage(href: string) {
  const assigned: string[] = [];
  const location = Object.assign(new URL(href), { assign: (target: string) => assigned.push(target) });
  const replaced: string[] = [];
  const history = {
    state: "kept",
    replaceState: (state: unknown, _: string, to: string) => replaced.push(`${String(state)} ${to}`),
  };
  vi.stubGlobal("location", location);
  vi.stubGlobal("history", history);
  return { assigned, replaced };
}

describe("signInWith, by the cookie", () => {
  test("goes to authorize_url, and names this page as the one to come back to", async () => {
    const { assigned } = showPage("http://localhost:3000/account?tab=1#top");
    await createDevice(url).open().signInWith("acme");
    const target = new URL(assigned[0] ?? "");
    expect(target.origin + target.pathname).toBe("http://localhost:7071/auth/oauth/acme/authorize");
    expect(target.searchParams.get("redirect_to")).toBe("http://localhost:3000/account");
  });

  test("a provider that is not set up is an error, and nothing happens", async () => {
    const { assigned } = showPage(home);
    const client = createDevice(url).open();
    await expect(client.signInWith("nobody")).rejects.toMatchObject({ code: "PROVIDER_NOT_CONFIGURED" });
    expect(assigned).toEqual([]);
  });
});

describe('signInWith, with transport: "body"', () => {
  test("a page: goes to the provider with PKCE, and the first refresh after the way back posts the code", async () => {
    const { items, storage } = createStorage();
    const device = createDevice(url);
    const { assigned } = showPage(home);
    await device.open({ transport: "body", storage }).signInWith("acme", { redirectTo: home });
    const { searchParams } = new URL(assigned[0] ?? "");
    expect(assigned[0]).toContain(`${issuer.url}/authorize?tenant=x&`);
    expect(searchParams.get("code_challenge_method")).toBe("S256");
    expect(searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/);
    expect(searchParams.get("state")).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(assigned)).not.toContain(JSON.parse(items.get("latchkey.attempts") ?? "")[0].codeVerifier);

    issuer.person = { sub: "page", email: "page@example.com", email_verified: true };
    const { replaced } = showPage(issuer.authorize(assigned[0] ?? ""));
    const client = device.open({ transport: "body", storage });
    expect((await client.refresh())?.email).toBe("page@example.com");
    expect(replaced).toEqual([`kept ${home}`]);
    expect([...items.keys()]).toEqual(["latchkey.refresh_token", "latchkey.session", "latchkey.device_id"]);
    expect((await client.refresh())?.email).toBe("page@example.com");
    expect(device.count("/auth/oauth/acme")).toBe(1);
  });

  test.each(["#", "#_=_"])(
    "15.11 a page that is come back to with %s is taken for what it is, and the fragment goes",
    async (end) => {
      const { storage } = createStorage();
      const device = createDevice(url);
      const { assigned } = showPage(`${home}${end}`);
      await device.open({ transport: "body", storage }).signInWith("acme");
      expect(new URL(assigned[0] ?? "").searchParams.get("redirect_uri")).toBe(home);
      const { replaced } = showPage(`${issuer.authorize(assigned[0] ?? "")}${end}`);
      expect((await device.open({ transport: "body", storage }).refresh())?.email).toBe("page@example.com");
      expect(replaced).toEqual([`kept ${home}`]);
    },
  );

  test("the answer to somebody else's attempt is not taken", async () => {
    const { items, storage } = createStorage();
    const device = createDevice(url);
    const { assigned } = showPage(home);
    await device.open({ transport: "body", storage }).signInWith("acme", { redirectTo: home });
    const { replaced } = showPage(`${home}?code=theirs&state=theirs`);
    expect(await device.open({ transport: "body", storage }).refresh()).toBeUndefined();
    expect([replaced, items.has("latchkey.attempts"), assigned.length]).toEqual([[], true, 1]);
    expect(device.count("/auth/oauth/acme")).toBe(0);
  });

  test.each([
    ["access_denied", "ACCESS_DENIED"],
    ["user_cancelled_login", "ACCESS_DENIED"],
    ["user_cancelled_authorize", "ACCESS_DENIED"],
    ["unknown&error_reason=user_denied", "ACCESS_DENIED"],
    ["unknown&error_subcode=cancel", "ACCESS_DENIED"],
    ["consent_required&error_description=AADSTS65004%3A+User+declined", "ACCESS_DENIED"],
    ["&error_reason=user_denied&code=", "ACCESS_DENIED"],
    ["server_error", "PROVIDER_ERROR"],
    ["access_denied_by_policy", "PROVIDER_ERROR"],
    ["unknown&error_description=cancel+is+not+what+was+meant", "PROVIDER_ERROR"],
  ])(
    "the provider says %s: the first refresh fails with %s, the next says that nobody is signed in",
    async (error, code) => {
      const { storage } = createStorage();
      const device = createDevice(url);
      const { assigned } = showPage(home);
      await device.open({ transport: "body", storage }).signInWith("acme", { redirectTo: home });
      const state = new URL(assigned[0] ?? "").searchParams.get("state");
      showPage(`${home}?error=${error}&state=${state}`);
      const client = device.open({ transport: "body", storage });
      await expect(client.refresh()).rejects.toMatchObject({ code });
      showPage(home);
      expect(await client.refresh()).toBeUndefined();
    },
  );

  test("a service that is away when the code comes back is asked again; one that refuses it is not", async () => {
    const { storage } = createStorage();
    const device = createDevice(url);
    const begin = async () => {
      const { assigned } = showPage(home);
      await device.open({ transport: "body", storage }).signInWith("acme", { redirectTo: home });
      showPage(issuer.authorize(assigned[0] ?? ""));
      return device.open({ transport: "body", storage });
    };
    let isAway = true;
    device.way = (request) => {
      if (!request.url.endsWith("/auth/oauth/acme") || !isAway) return undefined;
      isAway = false;
      return Promise.resolve(refusal(503, { "Retry-After": "0" }));
    };
    expect((await (await begin()).refresh())?.email).toBe("page@example.com");
    expect(device.count("/auth/oauth/acme")).toBe(2);
    device.way = (request) => (request.url.endsWith("/auth/oauth/acme") ? Promise.resolve(refusal(401)) : undefined);
    await expect((await begin()).refresh()).rejects.toMatchObject({ status: 401 });
    expect(device.count("/auth/oauth/acme")).toBe(3);
  });

  test("two tabs may be on their way at once", async () => {
    const { storage } = createStorage();
    const device = createDevice(url);
    const { assigned } = showPage(home);
    const client = device.open({ transport: "body", storage });
    await client.signInWith("acme", { redirectTo: home });
    await client.signInWith("acme", { redirectTo: home });
    for (const target of assigned) {
      showPage(issuer.authorize(target));
      expect((await device.open({ transport: "body", storage }).refresh())?.email).toBe("page@example.com");
    }
  });

  test("an answer that could not be finished is dropped when somebody signs in by a password", async () => {
    const { storage } = createStorage();
    const device = createDevice(url);
    const { assigned } = showPage(home);
    await device.open({ transport: "body", storage }).signInWith("acme", { redirectTo: home });
    showPage(issuer.authorize(assigned[0] ?? ""));
    const client = device.open({ transport: "body", storage });
    device.way = (request) =>
      request.url.includes("/oauth/") ? Promise.resolve(refusal(503, { "Retry-After": "60" })) : undefined;
    await expect(client.refresh()).rejects.toMatchObject({ status: 503 });
    const email = await registerPerson(service.api);
    await client.login({ email, password });
    device.way = undefined;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    expect((await client.refresh())?.email).toBe(email);
    vi.useRealTimers();
  });

  test("without a storage that outlives the page, a page says so at once", async () => {
    const { assigned } = showPage(home);
    const client = createDevice(url).open({ transport: "body" });
    await expect(client.signInWith("acme", { redirectTo: home })).rejects.toThrow("needs storage or browse");
    expect(assigned).toEqual([]);
  });

  test("an app: signed in when its browser comes back, and not when it was closed", async () => {
    const device = createDevice(url);
    const redirectTo = "http://localhost:3000/anything";
    issuer.person = { sub: "app", email: "app@example.com", email_verified: true };
    const asked: string[] = [];
    const browse: Browse = async (target, redirectUri) => {
      asked.push(redirectUri);
      return asked.length === 1 ? issuer.authorize(target) : undefined;
    };
    const client = device.open({ transport: "body", browse });
    expect((await client.signInWith("acme", { redirectTo }))?.email).toBe("app@example.com");
    expect(client.user?.email).toBe("app@example.com");
    expect(await client.signInWith("acme", { redirectTo })).toBeUndefined();
    expect(asked).toEqual([redirectTo, redirectTo]);
  });

  test("an app: an answer to another attempt signs nobody in", async () => {
    const device = createDevice(url);
    const browse: Browse = async (target) => issuer.authorize(target).replace(/state=[\w-]+/, "state=other");
    const client = device.open({ transport: "body", browse });
    expect(await client.signInWith("acme", { redirectTo: "http://localhost:3000/anything" })).toBeUndefined();
    expect(device.count("/auth/oauth/acme")).toBe(0);
  });
});
