import { afterEach, describe, expect, test, vi } from "vitest";
import { createClient, LatchkeyError, type Client, type ClientOptions } from "../../client/src/index.ts";
import { password, registerPerson } from "../support/people.ts";
import { startSocialService, home } from "../support/social.ts";
import { dispensable, mend, needed, storages } from "./broken-browser.ts";
import { createDevice, createStorage } from "./device.ts";

const service = await startSocialService();
const { url, api, issuer } = service;

afterEach(mend);

const transports: Record<string, () => Partial<ClientOptions>> = {
  cookie: () => ({}),
  "body, in memory": () => ({ transport: "body" }),
  "body, in a storage": () => ({ transport: "body", storage: createStorage().storage }),
  "body, in an app": () => ({ transport: "body", browse: async (target) => issuer.authorize(target) }),
};

describe("15.12 what a browser lacks, blocks or throws", () => {
  const pairs = Object.keys(dispensable).flatMap((what) => Object.keys(transports).map((how) => [what, how] as const));

  test.each(pairs)("%s: a session lives all the same (%s)", async (what, how) => {
    const device = createDevice(url);
    dispensable[what]?.();
    const client = device.open(transports[how]?.());
    await live(client);
    mend();
  });

  test.each(Object.keys(storages))("a storage that %s: a session lives in memory", async (what) => {
    const storage = storages[what]?.();
    await live(createDevice(url).open({ transport: "body", ...(storage && { storage }) }));
  });

  test("a storage that gives another token each time is not run after for ever", async () => {
    const device = createDevice(url);
    let count = 0;
    const getItem = () => `token ${(count += 1)}`;
    const client = device.open({ transport: "body", storage: { getItem, setItem: () => {}, removeItem: () => {} } });
    expect(await client.refresh()).toBeUndefined();
    expect(device.count("/auth/refresh")).toBe(2);
  });

  test.each(Object.keys(storages))(
    "a storage that %s: the way to a provider would be in vain, and is not gone",
    async (what) => {
      const assign = vi.fn<(target: string) => void>();
      vi.stubGlobal("location", Object.assign(new URL(home), { assign }));
      const storage = storages[what]?.();
      const client = createDevice(url).open({ transport: "body", ...(storage && { storage }) });
      const outcome = await client.signInWith("acme").catch((error: unknown) => error);
      if (what === "throws when emptied") expect([outcome, assign.mock.calls.length]).toEqual([undefined, 1]);
      else {
        expect(outcome).toMatchObject({ code: "PLATFORM_ERROR", message: expect.stringContaining("storage") });
        expect(assign).not.toHaveBeenCalled();
      }
    },
  );

  const everything = { ...dispensable, ...needed };
  const all = Object.keys(everything).flatMap((what) => Object.keys(transports).map((how) => [what, how] as const));

  test.each(all)("%s: whatever is asked, nothing but a LatchkeyError is rejected (%s)", async (what, how) => {
    const device = createDevice(url);
    vi.stubGlobal("location", Object.assign(new URL(home), { assign: () => {} }));
    everything[what]?.();
    const rejected: unknown[] = [];
    const client = device.open(transports[how]?.());
    for (const ask of Object.values(methods))
      await Promise.resolve(ask(client)).catch((error: unknown) => rejected.push(error));
    mend();
    expect(rejected.filter((error) => !(error instanceof LatchkeyError))).toEqual([]);
    for (const { message } of rejected as LatchkeyError[]) expect(message).not.toBe("");
  });

  test.each([
    ["no crypto.subtle, as over plain http", "Web Crypto"],
    ["no Web Crypto", "Web Crypto"],
    ["no location", "redirectTo"],
    ["location throws", "redirectTo"],
    ["no TextEncoder", "TextEncoder"],
    ["no btoa", "btoa"],
  ])("%s: signInWith says that it is %s that is missing", async (what, name) => {
    const device = createDevice(url);
    vi.stubGlobal("location", new URL(home));
    needed[what]?.();
    const client = device.open(transports["body, in an app"]?.());
    await expect(client.signInWith("acme")).rejects.toMatchObject({
      code: "PLATFORM_ERROR",
      message: expect.stringContaining(name),
    });
  });

  test("an app's own browse that fails is the cause of an error of ours", async () => {
    const cause = new Error("no browser here");
    for (const browse of [() => Promise.reject(cause), async () => Promise.reject(cause)]) {
      const client = createDevice(url).open({ transport: "body", browse });
      await expect(client.signInWith("acme", { redirectTo: home })).rejects.toMatchObject({
        code: "PLATFORM_ERROR",
        cause,
      });
    }
    const client = createDevice(url).open({ transport: "body", browse: async () => "no URL" });
    await expect(client.signInWith("acme", { redirectTo: home })).rejects.toMatchObject({ code: "PLATFORM_ERROR" });
  });

  test.each(["fetch", "Request"])("without %s it is told what is missing", async (name) => {
    const client = createClient({ baseUrl: url });
    vi.stubGlobal(name, undefined);
    const outcome = await Promise.allSettled([client.providers(), name === "fetch" ? client.providers() : client.me()]);
    mend();
    client.close();
    for (const one of outcome) if (one.status === "rejected") expect(one.reason).toBeInstanceOf(LatchkeyError);
    expect(outcome.map((one) => (one.status === "rejected" ? String(one.reason) : "")).join()).toContain(name);
  });

  test.each([
    ["no URL", { baseUrl: "nonsense" }],
    ["an empty URL", { baseUrl: "" }],
    ["no URL at all", {}],
    ["a path", { baseUrl: "/auth" }],
    ["a transport that is none", { baseUrl: url, transport: "header" }],
  ])("createClient with %s throws an error of ours", (_what, options) => {
    expect(() => createClient(options as ClientOptions)).toThrow(
      expect.objectContaining({ name: "LatchkeyError", code: "INVALID_OPTIONS" }),
    );
  });

  test.each(["AbortController", "URL"])("createClient without %s throws an error of ours", (name) => {
    vi.stubGlobal(name, undefined);
    let thrown: unknown;
    try {
      createClient({ baseUrl: url });
    } catch (error) {
      thrown = error;
    }
    mend();
    expect(thrown).toMatchObject({ name: "LatchkeyError" });
  });
});

/** The whole life of a session, which must succeed. */
async function live(client: Client): Promise<void> {
  const email = await registerPerson(api);
  expect((await client.login({ email, password })).email).toBe(email);
  expect((await client.me()).email).toBe(email);
  expect((await client.refresh())?.email).toBe(email);
  expect(await client.getAccessToken()).toBeDefined();
  expect((await client.fetch(`${url}/health`)).status).toBe(200);
  expect(await client.logout()).toBe("local");
  expect(await client.refresh()).toBeUndefined();
}

/** All that a client can be asked to do. */
const methods: Record<string, (client: Client) => unknown> = {
  register: (client) => client.register({ email: "blocked@example.com", username: "Ada", password }),
  login: async (client) => client.login({ email: await registerPerson(api), password }),
  refresh: (client) => client.refresh(),
  me: (client) => client.me(),
  getAccessToken: (client) => client.getAccessToken(),
  fetch: (client) => client.fetch(`${url}/health`),
  providers: (client) => client.providers(),
  signInWith: (client) => client.signInWith("acme", { redirectTo: home }),
  "signInWith, back to here": (client) => client.signInWith("acme"),
  logout: (client) => client.logout(),
  close: (client) => client.close(),
};
