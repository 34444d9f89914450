import { afterEach, describe, expect, test, vi } from "vitest";
import { password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { createDevice, refusal } from "./device.ts";

const { api, url, clock } = await startService();

afterEach(() => void vi.unstubAllGlobals());

/** Three tabs of a browser in which somebody is signed in. */
async function threeTabs() {
  const device = createDevice(url);
  const tabs = [device.open(), device.open(), device.open()] as const;
  const email = await registerPerson(api);
  await tabs[0].login({ email, password });
  await soon(() => expect(tabs.map(({ user }) => user?.email)).toEqual([email, email, email]));
  return { device, tabs, email };
}

/** Waits for what the other tabs are told. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 60_000 });

/** Until what was told has arrived. */
const told = () => new Promise((resolve) => setTimeout(resolve, 30));

describe("tabs", () => {
  test("a sign-in in one is known in all, and so is a sign-out", async () => {
    const { device, tabs, email } = await threeTabs();
    expect(tabs.map(({ user }) => user?.email)).toEqual([email, email, email]);
    expect(new Set(await Promise.all(tabs.map((tab) => tab.getAccessToken()))).size).toBe(1);
    await tabs[2].logout();
    await soon(() => expect(tabs.map(({ user }) => user)).toEqual([undefined, undefined, undefined]));
    expect(await tabs[1].getAccessToken()).toBeUndefined();
    expect(device.sent.map(({ call }) => call)).toEqual(["POST /auth/login", "POST /auth/logout"]);
  });

  test("that refresh at once send one request, a hundred times over, and nobody is signed out", async () => {
    const { device, tabs, email } = await threeTabs();
    for (let round = 1; round <= 100; round += 1) {
      clock.advance(11);
      const users = await Promise.all(tabs.map((tab) => tab.refresh()));
      expect(users.map((user) => user?.email)).toEqual([email, email, email]);
      expect(new Set(await Promise.all(tabs.map((tab) => tab.getAccessToken()))).size).toBe(1);
    }
    // A machine that stands still for longer than tabs wait for each other's word may see one more.
    expect(device.count("/auth/refresh")).toBeGreaterThanOrEqual(100);
    expect(device.count("/auth/refresh")).toBeLessThan(110);
  });

  test("that are opened at once send one request", async () => {
    const { device, tabs, email } = await threeTabs();
    for (const tab of tabs) tab.close();
    const restored = [device.open(), device.open(), device.open()];
    const users = await Promise.all(restored.map((tab) => tab.refresh()));
    expect(users.map((user) => user?.email)).toEqual([email, email, email]);
    expect(device.count("/auth/refresh")).toBe(1);
  });

  test("a refresh that is under way when another tab signs out does not bring the session back", async () => {
    const { device, tabs } = await threeTabs();
    const [refreshing, ending] = [tabs[0].refresh(), tabs[1].logout()];
    await Promise.all([refreshing, ending]);
    await soon(() => expect(tabs.map(({ user }) => user)).toEqual([undefined, undefined, undefined]));
    expect([...device.cookies.keys()]).toEqual(["latchkey_device"]);
  });

  test("a sign-in of somebody else in one tab is taken over by the others", async () => {
    const { tabs } = await threeTabs();
    const other = await registerPerson(api);
    await Promise.all([tabs[0].refresh(), tabs[1].login({ email: other, password }), tabs[2].refresh()]);
    await told();
    const users = await Promise.all(tabs.map((tab) => tab.me()));
    expect(users.map(({ email }) => email)).toEqual([other, other, other]);
  });

  test("one that fails in its turn does not fail the others", async () => {
    const { device, tabs, email } = await threeTabs();
    let isFirst = true;
    device.way = () => {
      const way = isFirst ? Promise.resolve(new Response("", { status: 403 })) : undefined;
      isFirst = false;
      return way;
    };
    const outcomes = await Promise.allSettled(tabs.map((tab) => tab.refresh()));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(tabs.map(({ user }) => user?.email)).toEqual([email, email, email]);
  });

  test(
    "one whose answer never comes asks again, and the others have what it then gets",
    { timeout: 120_000 },
    async () => {
      const { device, tabs, email } = await threeTabs();
      let isFirst = true;
      device.way = () => {
        const way = isFirst ? new Promise<Response>(() => {}) : undefined;
        isFirst = false;
        return way;
      };
      const users = await Promise.all(tabs.map((tab) => tab.refresh()));
      expect(users.map((user) => user?.email)).toEqual([email, email, email]);
      expect(device.count("/auth/refresh")).toBe(1);
    },
  );

  test("a repeat whose turn comes too late is not sent", { timeout: 120_000 }, async () => {
    const { device, tabs } = await threeTabs();
    const times: number[] = [];
    device.way = () => {
      times.push(performance.now());
      return Promise.resolve(refusal(503, { "Retry-After": "5" }));
    };
    const failing = tabs[0].refresh().catch((error: unknown) => error);
    await vi.waitFor(() => expect(times).toHaveLength(1));
    // Another tab has the turn when the repeat is due, and brings no news.
    const held = navigator.locks.request(
      `latchkey cookie ${device.baseUrl}/`,
      () => new Promise((resolve) => setTimeout(resolve, 10_000)),
    );
    expect(await failing).toMatchObject({ code: "OVERLOADED", retryAfterSeconds: 5 });
    await held;
    expect(times).toHaveLength(1);
  });

  test("one that was put to sleep in its turn does not hold the others up for ever", async () => {
    const { device, tabs, email } = await threeTabs();
    const real = AbortSignal.timeout.bind(AbortSignal);
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => real(ms / 100));
    let wakeUp = (_response: Response): void => {};
    device.way = () => {
      device.way = undefined;
      return new Promise((resolve) => (wakeUp = resolve));
    };
    const sleeping = tabs[0].refresh();
    await told();
    expect((await tabs[1].refresh())?.email).toBe(email);
    expect(timeout).toHaveBeenCalledWith(50_000);
    const other = await registerPerson(api);
    const login = api.post("/auth/login", { body: { email, password } });
    await tabs[1].logout();
    await tabs[1].login({ email: other, password });
    timeout.mockRestore();
    // It awakes, with an answer of the time before.
    wakeUp(Response.json((await login).json));
    expect((await sleeping)?.email).toBe(other);
    await told();
    expect(tabs.map(({ user }) => user?.email)).toEqual([other, other, other]);
  });

  test.each([true, false])("within one tab a late answer is of nobody any more (Web Locks: %s)", async (hasLocks) => {
    if (!hasLocks) vi.stubGlobal("navigator", undefined);
    const device = createDevice(url);
    const client = device.open({ transport: "body" });
    const [first, second] = [await registerPerson(api), await registerPerson(api)];
    await client.login({ email: first, password });
    let isFirst = true;
    device.way = (_request, send) => {
      if (!isFirst) return undefined;
      isFirst = false;
      return new Promise((resolve) => setTimeout(() => resolve(send()), 200));
    };
    const calls = [client.refresh(), client.logout(), client.login({ email: second, password })];
    await Promise.all(calls);
    expect(client.user?.email).toBe(second);
    expect((await client.refresh())?.email).toBe(second);
    expect((await client.me()).email).toBe(second);
  });

  test("one that is closed in the middle of a login has logged in all the same, and says so to its caller", async () => {
    const device = createDevice(url);
    const client = device.open();
    const email = await registerPerson(api);
    const login = client.login({ email, password });
    client.close();
    expect((await login).email).toBe(email);
    expect((await device.open().refresh())?.email).toBe(email);
  });

  test("15.5 a repeat that is refused since another tab has gone on is no sign-out: the newer cookie is asked with", async () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    vi.stubGlobal("navigator", undefined);
    const device = createDevice(url);
    const [one, other] = [device.open(), device.open()];
    const email = await registerPerson(api);
    await one.login({ email, password });
    await other.refresh();
    device.way = () => {
      device.way = undefined;
      // On its way for so long that the other tab has renewed twice: the token was used, and so was its successor.
      const renewing = other.refresh().then(() => other.refresh());
      return renewing.then(() => refusal(401, {}, "REFRESH_TOKEN_INVALID"));
    };
    expect((await one.refresh())?.email).toBe(email);
    expect([one.user?.email, other.user?.email]).toEqual([email, email]);
  });

  test("15.5 a token that is refused twice is given up: nobody asks for ever", async () => {
    const device = createDevice(url);
    const email = await registerPerson(api);
    for (const options of [{}, { transport: "body" as const }]) {
      const client = device.open(options);
      await client.login({ email, password });
      const before = device.count("/auth/refresh");
      device.way = async () => refusal(401, {}, "REFRESH_TOKEN_INVALID");
      expect(await client.refresh()).toBeUndefined();
      expect(device.count("/auth/refresh") - before).toBeLessThanOrEqual(2);
      device.way = undefined;
    }
  });

  test("without Web Locks and BroadcastChannel each tab cares for itself", async () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    vi.stubGlobal("navigator", undefined);
    const device = createDevice(url);
    const [one, other] = [device.open(), device.open()];
    const email = await registerPerson(api);
    await one.login({ email, password });
    expect((await other.refresh())?.email).toBe(email);
    expect((await one.refresh())?.email).toBe(email);
  });
});
