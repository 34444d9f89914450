import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { createDevice, refusal } from "./device.ts";

const { api, url } = await startService();
const minute = 60_000;

// The device's clock and timers; the service has a clock of its own, and the network takes its time.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

async function signedIn() {
  const device = createDevice(url);
  const client = device.open();
  const email = await registerPerson(api);
  await client.login({ email, password });
  return { device, client, email };
}

/** Lets the device's time pass, and what was set off by it come to an end. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass until `isSo`. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !isSo(); turn += 1) await pass(10);
  expect(isSo()).toBe(true);
}

describe("a session", () => {
  test("is renewed in the last two minutes of its token's 30, again and again", async () => {
    const { device, client } = await signedIn();
    const [tokens, renewals] = [[await client.getAccessToken()], [Date.now()]];
    device.way = () => void renewals.push(Date.now());
    for (let round = 1; round <= 3; round += 1) {
      await pass(27 * minute);
      expect(device.count("/auth/refresh")).toBe(round - 1);
      for (let wait = 0; wait < 40 && renewals.length === round; wait += 1) await pass(0.1 * minute);
      await until(() => device.count("/auth/refresh") === round);
      tokens.push(await client.getAccessToken());
      const after = (Date.now() - (renewals[round - 1] ?? 0)) / minute;
      expect(after).toBeGreaterThanOrEqual(28);
      expect(after).toBeLessThan(29.3);
    }
    expect(new Set(tokens).size).toBe(4);
  });

  test.each(["1999-01-01T00:00:00Z", "2038-01-19T03:14:08Z"])("on a device whose clock says %s too", async (date) => {
    vi.setSystemTime(new Date(date));
    const { device, client, email } = await signedIn();
    await pass(20 * minute);
    expect((await client.me()).email).toBe(email);
    expect(device.count("/auth/refresh")).toBe(0);
    await pass(9.9 * minute);
    await until(() => device.count("/auth/refresh") === 1);
  });

  test("a device wakes up after a night: the first call renews before it is sent, and none is refused", async () => {
    const { device, client, email } = await signedIn();
    // A sleeping device's clock goes on, its timers do not.
    vi.setSystemTime(Date.now() + 8 * 60 * minute);
    expect((await client.me()).email).toBe(email);
    expect(device.sent.slice(1).map(({ call, status }) => `${call} ${status}`)).toEqual([
      "POST /auth/refresh 200",
      "GET /auth/me 200",
    ]);
  });

  test("a device wakes up and nothing is asked: it is renewed within half a minute all the same", async () => {
    const { device } = await signedIn();
    vi.setSystemTime(Date.now() + 8 * 60 * minute);
    await pass(31_000);
    await until(() => device.count("/auth/refresh") === 1);
  });

  test("a clock that is set back does not keep an old token for new", async () => {
    const { device, client } = await signedIn();
    vi.setSystemTime(Date.now() - 24 * 60 * minute);
    await client.getAccessToken();
    expect(device.count("/auth/refresh")).toBe(1);
  });

  test("is left alone after close", async () => {
    const { device, client } = await signedIn();
    client.close();
    await pass(60 * minute);
    expect(device.count("/auth/refresh")).toBe(0);
  });

  test("that has ended elsewhere is found out at the next renewal, and told", async () => {
    const { device, client, email } = await signedIn();
    const seen: unknown[] = [];
    client.onChange((session) => seen.push(session));
    const other = createDevice(url).open();
    await other.login({ email, password });
    await other.logout({ scope: "global" });
    await pass(29.5 * minute);
    await until(() => device.count("/auth/refresh") === 1);
    await until(() => seen.length === 1);
    expect([client.user, ...seen]).toEqual([undefined, undefined]);
  });
});

describe("when the service cannot answer", () => {
  test("503 with Retry-After: the caller waits for so long, and stays signed in", async () => {
    const { device, client, email } = await signedIn();
    const times: number[] = [];
    device.way = () => {
      times.push(Date.now());
      return times.length < 3 ? Promise.resolve(refusal(503, { "Retry-After": "5" })) : undefined;
    };
    const refreshing = client.refresh();
    await until(() => device.count("/auth/refresh") === 3);
    expect((await refreshing)?.email).toBe(email);
    for (const [index, time] of times.entries()) {
      const waited = time - (times[index - 1] ?? time - 5000);
      expect(waited).toBeGreaterThanOrEqual(5000);
      expect(waited).toBeLessThan(6100);
    }
  });

  test("503 for good: the caller is told after three tries, and is still signed in when it is over", async () => {
    const { device, client, email } = await signedIn();
    device.way = async () => refusal(503, { "Retry-After": "1" });
    const refreshing = client.refresh().catch((error: unknown) => error);
    await until(() => device.count("/auth/refresh") === 3);
    expect(await refreshing).toMatchObject({ code: "OVERLOADED", status: 503, retryAfterSeconds: 1 });
    expect(client.user?.email).toBe(email);
    device.way = undefined;
    await pass(1100);
    expect((await client.refresh())?.email).toBe(email);
  });

  test("429 with a long Retry-After: told at once, and the service is left alone until then", async () => {
    const { device, client, email } = await signedIn();
    device.way = async () => refusal(429, { "Retry-After": "60" });
    for (let round = 0; round < 3; round += 1)
      await expect(client.refresh()).rejects.toMatchObject({ status: 429, retryAfterSeconds: 60 });
    expect(device.count("/auth/refresh")).toBe(1);
    device.way = undefined;
    await pass(59_000);
    await expect(client.refresh()).rejects.toMatchObject({ status: 429 });
    await pass(1100);
    expect((await client.refresh())?.email).toBe(email);
    expect(device.count("/auth/refresh")).toBe(2);
  });

  test("a renewal in the background that fails is tried again later, while the token is still good", async () => {
    const { device, client } = await signedIn();
    device.way = async () => refusal(503, { "Retry-After": "30" });
    await pass(29 * minute);
    const tries = device.count("/auth/refresh");
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThan(6);
    expect(await client.getAccessToken()).toBeDefined();
    device.way = undefined;
    await pass(0.9 * minute);
    await until(() => device.sent.at(-1)?.status === 200);
  });

  test("an answer that is lost: asked for again within the service's grace, nobody is signed out", async () => {
    const { device, client, email } = await signedIn();
    let losses = 0;
    device.way = (_request, send) => {
      losses += 1;
      // The service has answered, and the cookie did not arrive.
      if (losses > 2) return undefined;
      const kept = new Map(device.cookies);
      return send().then(() => {
        for (const [name, value] of kept) device.cookies.set(name, value);
        throw new TypeError("connection lost");
      });
    };
    const refreshing = client.refresh();
    await until(() => device.count("/auth/refresh") === 3);
    expect((await refreshing)?.email).toBe(email);
    expect(device.sent.slice(1).map(({ status }) => status)).toEqual([0, 0, 200]);
  });

  test.each([
    ["HTML of a gateway", () => new Response("<h1>Bad gateway</h1>", { status: 502 }), 502],
    ["an empty answer", () => new Response(null, { status: 504 }), 504],
    ["JSON that is none of ours", () => Response.json(null, { status: 500 }), 500],
  ])("%s is an error that can be read, no sign-out", async (_what, answer, status) => {
    const { device, client, email } = await signedIn();
    device.way = async () => answer();
    await expect(client.login({ email, password })).rejects.toMatchObject({ code: "UNEXPECTED_ANSWER", status });
    expect(client.user?.email).toBe(email);
  });

  test("ORIGIN_NOT_ALLOWED is told, not taken for a sign-out", async () => {
    const { device, client, email } = await signedIn();
    device.way = async () => refusal(403);
    await expect(client.refresh()).rejects.toMatchObject({ status: 403 });
    expect([client.user?.email, device.count("/auth/refresh")]).toEqual([email, 1]);
  });
});
