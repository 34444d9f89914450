import { describe, expect, test } from "vitest";
import type { Session } from "../../client/src/index.ts";
import { password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { createDevice } from "./device.ts";

const service = await startService();
const { api, url } = service;

/** A device on which somebody new is signed in. */
async function signedIn() {
  const device = createDevice(url);
  const client = device.open();
  const email = await registerPerson(api);
  await client.login({ email, password });
  return { device, client, email };
}

describe("createClient", () => {
  test("register, login, me, refresh, logout: the whole way by the cookie", async () => {
    const device = createDevice(url);
    const client = device.open();
    const registered = await client.register({ email: "whole@example.com", username: "Ada", password });
    expect(registered).toMatchObject({ email: "whole@example.com", username: "Ada" });
    expect(client.user).toBeUndefined();
    expect(await client.login({ email: "whole@example.com", password })).toMatchObject({ id: registered?.id });
    expect(client.user?.id).toBe(registered?.id);
    expect((await client.me()).id).toBe(registered?.id);
    const first = await client.getAccessToken();
    expect((await client.refresh())?.id).toBe(registered?.id);
    expect(await client.getAccessToken()).not.toBe(first);
    expect(await client.logout()).toBe("local");
    expect(client.user).toBeUndefined();
    expect(await client.getAccessToken()).toBeUndefined();
    expect([...device.cookies.keys()], "of whom the device remembers nothing else").toEqual(["latchkey_device"]);
  });

  test("a page that is opened finds out by one refresh who is signed in, however often it asks", async () => {
    const { device, client, email } = await signedIn();
    client.close();
    const page = device.open();
    expect(page.user).toBeUndefined();
    const [token, again, user] = await Promise.all([page.getAccessToken(), page.getAccessToken(), page.me()]);
    expect([token, user.email]).toEqual([again, email]);
    expect(device.count("/auth/refresh")).toBe(1);
  });

  test("nobody is signed in: that is known after one refused refresh, and not asked again", async () => {
    const device = createDevice(url);
    const client = device.open();
    expect(await client.refresh()).toBeUndefined();
    for (let round = 0; round < 3; round += 1) expect(await client.getAccessToken()).toBeUndefined();
    expect(device.sent.map(({ call, status }) => [call, status])).toEqual([["POST /auth/refresh", 401]]);
  });

  test("the refresh token is in no answer that script sees, and the access token in no URL", async () => {
    const { device, client } = await signedIn();
    const refreshToken = device.cookies.get("refresh_token") ?? "";
    expect(refreshToken).toMatch(/^[\w-]{43}$/);
    const token = (await client.getAccessToken()) ?? "";
    await client.me();
    for (const { call, body } of device.sent) {
      expect(call + body).not.toContain(refreshToken);
      expect(call + body).not.toContain(token);
    }
  });

  test("onChange tells every new session and its end, until it is stopped", async () => {
    const { client, email } = await signedIn();
    const seen: (Session | undefined)[] = [];
    const stop = client.onChange((session) => seen.push(session));
    await client.refresh();
    await client.logout();
    await Promise.resolve();
    expect(seen.map((session) => session?.user.email)).toEqual([email, undefined]);
    stop();
    await client.login({ email, password });
    await Promise.resolve();
    expect(seen).toHaveLength(2);
  });

  test.each([
    ["wrong password", { email: "nobody@example.com", password }, 401, "INVALID_CREDENTIALS"],
    ["no address", { email: "nobody", password }, 422, "VALIDATION_ERROR"],
  ])("login with %s: an error with the service's code", async (_what, credentials, status, code) => {
    const client = createDevice(url).open();
    await expect(client.login(credentials)).rejects.toMatchObject({ name: "LatchkeyError", status, code });
    expect(client.user).toBeUndefined();
  });

  test("a VALIDATION_ERROR names the fields", async () => {
    const client = createDevice(url).open();
    const registering = client.register({ email: "short@example.com", username: "Ada", password: "short" });
    await expect(registering).rejects.toMatchObject({
      code: "VALIDATION_ERROR",
      details: { fields: [{ field: "password", message: "must have at least 15 characters" }] },
    });
  });

  test("a failed login leaves whoever is signed in", async () => {
    const { client, email } = await signedIn();
    await expect(client.login({ email, password: `${password}!` })).rejects.toMatchObject({ status: 401 });
    expect(client.user?.email).toBe(email);
    expect((await client.me()).email).toBe(email);
  });

  test("logout of the others leaves this one, and global ends all", async () => {
    const { client, email } = await signedIn();
    const other = createDevice(url).open();
    await other.login({ email, password });
    expect(await client.logout({ scope: "others" })).toBe("others");
    expect(await other.refresh()).toBeUndefined();
    expect((await client.me()).email).toBe(email);
    await other.login({ email, password });
    expect(await client.logout({ scope: "global" })).toBe("global");
    expect(client.user).toBeUndefined();
    expect(await other.refresh()).toBeUndefined();
  });

  test("a logout that does not reach the service fails, and nobody believes to be signed out", async () => {
    const { device, client, email } = await signedIn();
    device.way = () => Promise.reject(new TypeError("offline"));
    await expect(client.logout()).rejects.toMatchObject({ code: "NETWORK_ERROR", status: 0 });
    expect(client.user?.email).toBe(email);
    device.way = undefined;
    expect(await client.logout()).toBe("local");
  });

  test("a base URL with and without a slash at its end is the same", async () => {
    const device = createDevice(url);
    for (const suffix of ["", "/", "//"]) {
      const client = device.open({ baseUrl: `${url}${suffix}` });
      expect(await client.providers()).toEqual([]);
    }
  });
});
