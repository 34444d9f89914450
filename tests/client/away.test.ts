import { describe, expect, test } from "vitest";
import { password } from "../support/people.ts";
import { startService, withSettings } from "../support/service.ts";
import { controlDeviceTime } from "./device-time.ts";
import { refusal } from "./device.ts";

const service = await startService();
const minute = 60_000;

const { pass, until, signedIn } = controlDeviceTime(service);

/** An answer that does not come before the request is given up. */
function never({ signal }: Request): Promise<Response> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new TypeError("aborted")));
  });
}

describe("when the service cannot answer", () => {
  test("503 with Retry-After: the caller waits for so long, and stays signed in", async () => {
    const { device, client, email } = await signedIn();
    const times: number[] = [];
    device.way = () => {
      times.push(Date.now());
      return times.length < 2 ? Promise.resolve(refusal(503, { "Retry-After": "5" })) : undefined;
    };
    const refreshing = client.refresh();
    await until(() => device.count("/auth/refresh") === 2);
    expect((await refreshing)?.email).toBe(email);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(5000);
    expect(second - first).toBeLessThan(6100);
  });

  test("503 for good: the caller is told within eight seconds, and is still signed in when it is over", async () => {
    const { device, client, email } = await signedIn();
    device.way = async () => refusal(503, { "Retry-After": "1" });
    const since = Date.now();
    const refreshing = client.refresh().catch((error: unknown) => error);
    let isOver = false;
    void refreshing.then(() => (isOver = true));
    await until(() => isOver);
    expect(await refreshing).toMatchObject({ code: "OVERLOADED", status: 503, retryAfterSeconds: 1 });
    expect(Date.now() - since).toBeLessThan(8000);
    expect(device.count("/auth/refresh")).toBeGreaterThan(2);
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

  test("18.1 a limit of the service: who is signed in stays so, and renews once its window is over", async () => {
    withSettings(service, { RATE_LIMITS: "on", RATE_LIMIT_REFRESH: "1/60" });
    const { device, client, email } = await signedIn();
    await client.refresh();
    for (let round = 0; round < 3; round += 1)
      await expect(client.refresh()).rejects.toMatchObject({
        code: "RATE_LIMITED",
        status: 429,
        retryAfterSeconds: 60,
      });
    expect(device.count("/auth/refresh")).toBe(2);
    expect([client.user?.email, (await client.me()).email]).toEqual([email, email]);
    service.clock.advance(60);
    await pass(60_100);
    expect((await client.refresh())?.email).toBe(email);
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

  test("an answer that never comes: asked for again before the service takes the used token for stolen", async () => {
    const { device, client, email } = await signedIn();
    const times: number[] = [];
    device.way = (request, send) => {
      times.push(Date.now());
      if (times.length > 1) return undefined;
      const kept = new Map(device.cookies);
      return send().then(() => {
        for (const [name, value] of kept) device.cookies.set(name, value);
        return never(request);
      });
    };
    const refreshing = client.refresh();
    await until(() => device.count("/auth/refresh") === 2);
    expect((await refreshing)?.email).toBe(email);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(5000);
    expect(second - first).toBeLessThan(8000);
  });

  test("a service that wakes up for half a minute is asked twice, and the first answer counts", async () => {
    const { device, client, email } = await signedIn();
    const times: number[] = [];
    device.way = (request, send) => {
      times.push(Date.now());
      const waking = new Promise<Response>((resolve) => {
        setTimeout(() => request.signal.aborted || resolve(send()), 30_000);
      });
      return Promise.race([waking, never(request)]);
    };
    const since = Date.now();
    const refreshing = client.refresh();
    await until(() => device.count("/auth/refresh") > 0 && device.underWay === 0);
    expect((await refreshing)?.email).toBe(email);
    expect(times.map((time) => Math.round((time - since) / 1000))).toEqual([0, 5]);
  });

  test.each(["1", "10", undefined])(
    "Retry-After %s after a refresh that was carried out: no used token is sent later than the service bears",
    async (seconds) => {
      const { device, client } = await signedIn();
      const times: number[] = [];
      device.way = (_request, send) => {
        times.push(Date.now());
        const kept = new Map(device.cookies);
        return send().then(() => {
          for (const [name, value] of kept) device.cookies.set(name, value);
          return refusal(503, seconds === undefined ? {} : { "Retry-After": seconds });
        });
      };
      const failing = client.refresh().catch((error: unknown) => error);
      let isOver = false;
      void failing.then(() => (isOver = true));
      await until(() => isOver);
      expect(await failing).toMatchObject({ status: 503 });
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(8000);
    },
  );

  test("a repeat that is not answered is not sent once more: that would be too late", async () => {
    const { device, client } = await signedIn();
    const times: number[] = [];
    device.way = (request) => {
      times.push(Date.now());
      return times.length === 1 ? Promise.resolve(refusal(503, { "Retry-After": "5" })) : never(request);
    };
    const failing = client.refresh().catch((error: unknown) => error);
    let isOver = false;
    void failing.then(() => (isOver = true));
    await until(() => isOver);
    expect(await failing).toMatchObject({ code: "NETWORK_ERROR" });
    expect(times).toHaveLength(2);
  });

  test.each([
    ["HTML of a gateway", () => new Response("<h1>Bad gateway</h1>", { status: 502 }), 502],
    ["an empty answer", () => new Response(null, { status: 504 }), 504],
    ["JSON that is none of ours", () => Response.json(null, { status: 500 }), 500],
  ])("%s is an error that can be read, no sign-out", async (_what, answer, status) => {
    const { device, client, email } = await signedIn();
    device.way = async () => answer();
    await expect(client.login({ email, password })).rejects.toMatchObject({ code: "BLOCKED_BY_INTERMEDIARY", status });
    expect(client.user?.email).toBe(email);
  });

  test("ORIGIN_NOT_ALLOWED is told, not taken for a sign-out", async () => {
    const { device, client, email } = await signedIn();
    device.way = async () => refusal(403);
    await expect(client.refresh()).rejects.toMatchObject({ status: 403 });
    expect([client.user?.email, device.count("/auth/refresh")]).toEqual([email, 1]);
  });
});
