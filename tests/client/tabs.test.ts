import { describe, expect, test } from "vitest";
import { password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { createDevice } from "./device.ts";

const { api, url, clock } = await startService();

/** Three tabs of a browser in which somebody is signed in. */
async function threeTabs() {
  const device = createDevice(url);
  const tabs = [device.open(), device.open(), device.open()] as const;
  const email = await registerPerson(api);
  await tabs[0].login({ email, password });
  await told();
  return { device, tabs, email };
}

/** Until what was told has arrived. */
const told = () => new Promise((resolve) => setTimeout(resolve, 30));

describe("tabs", () => {
  test("a sign-in in one is known in all, and so is a sign-out", async () => {
    const { device, tabs, email } = await threeTabs();
    expect(tabs.map(({ user }) => user?.email)).toEqual([email, email, email]);
    expect(new Set(await Promise.all(tabs.map((tab) => tab.getAccessToken()))).size).toBe(1);
    await tabs[2].logout();
    await told();
    expect(tabs.map(({ user }) => user)).toEqual([undefined, undefined, undefined]);
    expect(await tabs[1].getAccessToken()).toBeUndefined();
    expect(device.sent.map(({ call }) => call)).toEqual(["POST /auth/login", "POST /auth/logout"]);
  });

  test("that refresh at once send one request, a hundred times over, and nobody is signed out", async () => {
    const { device, tabs, email } = await threeTabs();
    for (let round = 1; round <= 100; round += 1) {
      clock.advance(11);
      const users = await Promise.all(tabs.map((tab) => tab.refresh()));
      expect(users.map((user) => user?.email)).toEqual([email, email, email]);
      expect(device.count("/auth/refresh")).toBe(round);
      expect(new Set(await Promise.all(tabs.map((tab) => tab.getAccessToken()))).size).toBe(1);
    }
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
    await told();
    expect(tabs.map(({ user }) => user)).toEqual([undefined, undefined, undefined]);
    expect(device.cookies.size).toBe(0);
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

  test("one that never ends its turn holds the others up for ten seconds, no longer", { timeout: 40_000 }, async () => {
    const { device, tabs, email } = await threeTabs();
    let isFirst = true;
    device.way = () => {
      const way = isFirst ? new Promise<Response>(() => {}) : undefined;
      isFirst = false;
      return way;
    };
    void tabs[0].refresh();
    const since = performance.now();
    expect((await tabs[1].refresh())?.email).toBe(email);
    const seconds = (performance.now() - since) / 1000;
    expect(seconds).toBeGreaterThan(9);
    expect(seconds).toBeLessThan(20);
  });

  test("without Web Locks and BroadcastChannel each tab cares for itself", async () => {
    const kept = [globalThis.BroadcastChannel, Object.getOwnPropertyDescriptor(globalThis, "navigator")] as const;
    Reflect.deleteProperty(globalThis, "BroadcastChannel");
    Object.defineProperty(globalThis, "navigator", { value: undefined, configurable: true });
    try {
      const device = createDevice(url);
      const [one, other] = [device.open(), device.open()];
      const email = await registerPerson(api);
      await one.login({ email, password });
      expect((await other.refresh())?.email).toBe(email);
      expect((await one.refresh())?.email).toBe(email);
    } finally {
      globalThis.BroadcastChannel = kept[0];
      if (kept[1]) Object.defineProperty(globalThis, "navigator", kept[1]);
    }
  });
});
