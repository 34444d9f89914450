import { afterEach, describe, expect, test, vi } from "vitest";
import { postedMails } from "../support/mails.ts";
import { password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { createDevice, createStorage } from "./device.ts";

const { api, url, clock, services } = await startService();

afterEach(() => void vi.unstubAllGlobals());

describe('transport: "body"', () => {
  test("keeps the refresh token in the storage that it is given, and sends no cookie", async () => {
    const device = createDevice(url);
    const { items, storage: prompt } = createStorage();
    const storage = {
      getItem: async (key: string) => prompt.getItem(key),
      setItem: async (key: string, value: string) => prompt.setItem(key, value),
      removeItem: async (key: string) => prompt.removeItem(key),
    };
    const email = await registerPerson(api);
    const client = device.open({ transport: "body", storage });
    await client.login({ email, password });
    const first = items.get("latchkey.refresh_token");
    expect(first).toMatch(/^[\w-]{43}$/);
    await client.refresh();
    expect(items.get("latchkey.refresh_token")).not.toBe(first);
    client.close();
    const restarted = device.open({ transport: "body", storage });
    expect((await restarted.refresh())?.email).toBe(email);
    expect(device.cookies.size).toBe(0);
    await restarted.logout();
    // By which the service knows the device again.
    items.delete("latchkey.device_id");
    expect([...items]).toEqual([]);
    expect(await restarted.refresh()).toBeUndefined();
  });

  test("17.4 the device is known again by its storage, after a sign-out too and to another person; a new one is told of", async () => {
    const device = createDevice(url);
    const { items, storage } = createStorage();
    const client = device.open({ transport: "body", storage });
    const email = await registerPerson(api);
    await client.login({ email, password });
    const id = items.get("latchkey.device_id");
    expect(id).toMatch(/^[\w-]+\.[\w-]+$/);
    await client.logout();
    await client.login({ email, password });
    expect(items.get("latchkey.device_id")).toBe(id);
    const bodies = device.sent.filter(({ call }) => call === "POST /auth/login").map(({ body }) => JSON.parse(body));
    expect(bodies.map((body) => body.device_id)).toEqual([undefined, id]);
    const notices = async () =>
      (await postedMails(services)).filter(({ template, to }) => template === "new_device" && to === email);
    expect(await notices()).toEqual([]);
    const elsewhere = createStorage();
    elsewhere.items.set("latchkey.device_id", "not of this service");
    await device.open({ transport: "body", storage: elsewhere.storage }).login({ email, password });
    expect(await notices()).toHaveLength(1);
    expect(elsewhere.items.get("latchkey.device_id")).not.toBe("not of this service");
  });

  test("a session that has ended elsewhere: its token is forgotten", async () => {
    const device = createDevice(url);
    const email = await registerPerson(api);
    const client = device.open({ transport: "body" });
    await client.login({ email, password });
    const other = createDevice(url).open();
    await other.login({ email, password });
    await other.logout({ scope: "global" });
    expect(await client.refresh()).toBeUndefined();
    const { length } = device.sent;
    expect(await client.refresh()).toBeUndefined();
    expect(device.sent).toHaveLength(length);
  });

  test("two clients with storages of their own are two devices", async () => {
    const device = createDevice(url);
    const [one, other] = [device.open({ transport: "body" }), device.open({ transport: "body" })];
    const [first, second] = [await registerPerson(api), await registerPerson(api)];
    await one.login({ email: first, password });
    await other.login({ email: second, password });
    expect([(await one.me()).email, (await other.me()).email]).toEqual([first, second]);
  });

  test("a gateway's 401 is no sign-out: the token stays", async () => {
    const device = createDevice(url);
    const email = await registerPerson(api);
    const client = device.open({ transport: "body" });
    await client.login({ email, password });
    device.way = async () => new Response("<h1>Who are you?</h1>", { status: 401 });
    await expect(client.refresh()).rejects.toMatchObject({ code: "BLOCKED_BY_INTERMEDIARY", status: 401 });
    device.way = undefined;
    expect((await client.refresh())?.email).toBe(email);
  });

  test("a storage that takes nothing for a while does not end the session", async () => {
    const device = createDevice(url);
    const email = await registerPerson(api);
    const { items, storage } = createStorage();
    let isFull = false;
    const moody = {
      ...storage,
      setItem(key: string, value: string) {
        if (isFull) throw new DOMException("full", "QuotaExceededError");
        storage.setItem(key, value);
      },
    };
    const client = device.open({ transport: "body", storage: moody });
    await client.login({ email, password });
    const first = items.get("latchkey.refresh_token");
    isFull = true;
    expect((await client.refresh())?.email).toBe(email);
    expect(items.get("latchkey.refresh_token")).toBe(first);
    clock.advance(60);
    isFull = false;
    expect((await client.refresh())?.email).toBe(email);
    expect(items.get("latchkey.refresh_token")).not.toBe(first);
  });

  test("pages that share a storage hear of a sign-out, and of a sign-in after it", async () => {
    const listeners: ((event: object) => void)[] = [];
    vi.stubGlobal("addEventListener", (name: string, listener: (event: object) => void) => {
      if (name === "storage") listeners.push(listener);
    });
    const device = createDevice(url);
    const { items, storage } = createStorage();
    const tell = () =>
      listeners[1]?.({ key: "latchkey.refresh_token", newValue: items.get("latchkey.refresh_token") ?? null });
    const [one, other] = [device.open({ transport: "body", storage }), device.open({ transport: "body", storage })];
    const [first, second] = [await registerPerson(api), await registerPerson(api)];
    await one.login({ email: first, password });
    expect((await other.refresh())?.email).toBe(first);
    await one.logout();
    tell();
    expect([other.user, await other.getAccessToken()]).toEqual([undefined, undefined]);
    await one.login({ email: second, password });
    tell();
    await vi.waitFor(() => expect(other.user?.email).toBe(second));
  });

  test("a refresh that comes back after another page has signed in is of nobody", async () => {
    const device = createDevice(url);
    const { items, storage } = createStorage();
    const [one, other] = [device.open({ transport: "body", storage }), device.open({ transport: "body" })];
    const [first, second] = [await registerPerson(api), await registerPerson(api)];
    await one.login({ email: first, password });
    const session = await api.post("/auth/login", { body: { email: second, password, transport: "body" } });
    device.way = (_request, send) => {
      device.way = undefined;
      return send().then((response) => {
        items.set("latchkey.refresh_token", session.json.data.refresh_token);
        return response;
      });
    };
    expect((await one.refresh())?.email).toBe(second);
    expect(other.user).toBeUndefined();
  });
});
