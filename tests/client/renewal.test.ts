import { describe, expect, test, vi } from "vitest";
import { password } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { controlDeviceTime } from "./device-time.ts";
import { createDevice } from "./device.ts";

const service = await startService();
const minute = 60_000;

const { pass, until, signedIn } = controlDeviceTime(service);

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

  test("15.5 is renewed at a distance that is drawn anew each time", async () => {
    const chance = vi.spyOn(Math, "random");
    const seconds: number[] = [];
    chance.mockReturnValue(0);
    const { device } = await signedIn();
    let since = Date.now();
    device.way = () => {
      seconds.push(Math.round((Date.now() - since) / 1000));
      since = Date.now();
      return undefined;
    };
    for (const drawn of [0.999, 0.5, 0]) {
      chance.mockReturnValue(drawn);
      const round = seconds.length;
      await pass(27.5 * minute);
      for (let wait = 0; wait < 20 && seconds.length === round; wait += 1) await pass(0.1 * minute);
      await until(() => device.count("/auth/refresh") > round);
    }
    chance.mockRestore();
    expect(seconds).toEqual([29 * 60, 28 * 60, 28 * 60 + 30]);
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
    const other = createDevice(service.url).open();
    await other.login({ email, password });
    await other.logout({ scope: "global" });
    await pass(29.5 * minute);
    // Once more than before: a token that is refused may be one that another tab has replaced meanwhile.
    await until(() => device.count("/auth/refresh") === 2);
    await until(() => seen.length === 1);
    expect([client.user, ...seen]).toEqual([undefined, undefined]);
  });
});
