import { afterEach, describe, expect, test, vi } from "vitest";
import { password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { createDevice, createStorage } from "./device.ts";

const { api, url, clock } = await startService();

afterEach(() => void vi.unstubAllGlobals());

const tokenKey = "latchkey.refresh_token";

/** A tab with a storage of its own in which somebody is signed in, and what makes a copy of it, as duplicating a tab does. */
async function signedIn() {
  const device = createDevice(url);
  const { items, storage } = createStorage();
  const email = await registerPerson(api);
  const client = device.open({ transport: "body", storage });
  await client.login({ email, password });
  const copyOf = (kept: ReadonlyMap<string, string>) => {
    const copy = createStorage();
    for (const [key, value] of kept) copy.items.set(key, value);
    return copy;
  };
  const open = (copy: ReturnType<typeof createStorage>) => device.open({ transport: "body", storage: copy.storage });
  return { device, email, client, items, copyOf, open };
}

/** Waits for what another tab is told. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 60_000 });

/** Later than the service bears a used token. */
const later = () => clock.advance(60);

describe("15.19 a duplicated tab, whose storage is a copy", () => {
  test("both go on, whoever renews, again and again", async () => {
    const { email, client, items, copyOf, open } = await signedIn();
    const copy = copyOf(items);
    const other = open(copy);
    for (let round = 0; round < 10; round += 1) {
      later();
      const [one, two] = round % 2 === 0 ? [client, other] : [other, client];
      expect((await one.refresh())?.email).toBe(email);
      await soon(() => expect(copy.items.get(tokenKey)).toBe(items.get(tokenKey)));
      later();
      expect((await two.refresh())?.email).toBe(email);
      await soon(() => expect(copy.items.get(tokenKey)).toBe(items.get(tokenKey)));
    }
    expect([(await client.me()).email, (await other.me()).email]).toEqual([email, email]);
  });

  test("both refresh at once", async () => {
    const { email, client, items, copyOf, open } = await signedIn();
    const [other, third] = [open(copyOf(items)), open(copyOf(items))];
    for (let round = 0; round < 10; round += 1) {
      later();
      const users = await Promise.all([client, other, third].map((tab) => tab.refresh()));
      expect(users.map((user) => user?.email)).toEqual([email, email, email]);
    }
  });

  test("one that comes late, with a token of long ago, asks the others first", async () => {
    const { email, client, items, copyOf, open } = await signedIn();
    const copy = copyOf(items);
    for (let round = 0; round < 3; round += 1) {
      later();
      await client.refresh();
    }
    expect(copy.items.get(tokenKey)).not.toBe(items.get(tokenKey));
    const other = open(copy);
    expect((await other.refresh())?.email).toBe(email);
    later();
    expect((await client.refresh())?.email).toBe(email);
  });

  test("also when the page of the first was left and opened again since", async () => {
    const { email, client, items, copyOf, open, device } = await signedIn();
    const copy = copyOf(items);
    later();
    await client.refresh();
    client.close();
    later();
    const reopened = device.open({ transport: "body", storage: createReopened(items) });
    expect((await reopened.refresh())?.email).toBe(email);
    later();
    expect((await open(copy).refresh())?.email).toBe(email);
  });

  test("the copy goes on alone when the first is gone", async () => {
    const { email, client, items, copyOf, open } = await signedIn();
    const other = open(copyOf(items));
    await other.refresh();
    client.close();
    for (let round = 0; round < 3; round += 1) {
      later();
      expect((await other.refresh())?.email).toBe(email);
    }
  });

  test("a logout in one is heard in the other, whose token is forgotten", async () => {
    const { client, items, copyOf, open } = await signedIn();
    const copy = copyOf(items);
    const other = open(copy);
    await other.refresh();
    await client.logout();
    await soon(() => expect(other.user).toBeUndefined());
    // By which the service knows the device again.
    copy.items.delete("latchkey.device_id");
    expect([[...copy.items], await other.getAccessToken()]).toEqual([[], undefined]);
  });

  test("another person's sign-in in the copy leaves the first as it is, and each keeps its own", async () => {
    const { email, client, items, copyOf, open } = await signedIn();
    const second = await registerPerson(api);
    const copy = copyOf(items);
    const other = open(copy);
    await other.refresh();
    await other.login({ email: second, password });
    later();
    await Promise.all([client.refresh(), other.refresh()]);
    later();
    await Promise.all([client.refresh(), other.refresh()]);
    expect([(await client.me()).email, (await other.me()).email]).toEqual([email, second]);
    await other.logout();
    expect((await client.refresh())?.email).toBe(email);
  });

  test("two sign-ins of one person share nothing", async () => {
    const { email, client, device } = await signedIn();
    const { items, storage } = createStorage();
    const other = device.open({ transport: "body", storage });
    await other.login({ email, password });
    const first = items.get(tokenKey);
    later();
    await client.refresh();
    expect(items.get(tokenKey)).toBe(first);
    await other.logout();
    expect((await client.refresh())?.email).toBe(email);
  });

  test.each(["navigator", "BroadcastChannel"])(
    "without %s, at once or one after the other within the grace",
    async (name) => {
      vi.stubGlobal(name, undefined);
      const { email, client, items, copyOf, open } = await signedIn();
      const other = open(copyOf(items));
      const users = await Promise.all([client.refresh(), other.refresh()]);
      expect(users.map((user) => user?.email)).toEqual([email, email]);
    },
  );

  test("a token that an earlier version of the client has kept is good, and is shared from its renewal on", async () => {
    const { email, client, items, copyOf, open } = await signedIn();
    items.delete("latchkey.session");
    expect((await client.refresh())?.email).toBe(email);
    const other = open(copyOf(items));
    later();
    expect((await client.refresh())?.email).toBe(email);
    later();
    expect((await other.refresh())?.email).toBe(email);
  });
});

/** The same items, as a page sees them that is opened anew. */
function createReopened(items: Map<string, string>) {
  const { items: own, storage } = createStorage();
  for (const [key, value] of items) own.set(key, value);
  return storage;
}
