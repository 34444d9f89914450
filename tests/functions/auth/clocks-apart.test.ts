// Two instances on one database, whose clocks are not the same.
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { provideServices, type Services } from "../../../shared/services.ts";
import { claimsOf } from "../../support/clients.ts";
import { freshDatabase } from "../../support/database.ts";
import { meStatus, newDevice, signIn, registerPerson, toDevice, type Device } from "../../support/people.ts";
import { createTestServices, startService } from "../../support/service.ts";

const settings = { TRUSTED_PROXY_HOPS: "2" };
const one = await startService(settings);
const other = await createTestServices(settings, one.database);
const { api, logLines } = one;

const home = { "X-Forwarded-For": "203.0.113.7", "User-Agent": "Firefox" };
const thief = { "X-Forwarded-For": "198.51.100.9", "User-Agent": "curl" };

const passes = (seconds: number) => [one, other].forEach(({ clock }) => clock.advance(seconds));
const refreshAt = (services: Services, { cookie }: Device, headers: Record<string, string> = home) => {
  provideServices(services);
  return api.post("/auth/refresh", { cookie, headers });
};
const meAt = (services: Services, device: Device) => {
  provideServices(services);
  return meStatus(api, device);
};
const wasReuse = () => logLines.some((line) => line.includes("session.reuse_detected"));

describe.each([
  ["20 seconds behind", -20],
  ["20 seconds ahead", 20],
  ["a minute behind", -60],
  ["a minute ahead", 60],
])("15.20 a token that was used by an instance whose clock is %s", (_what, apart) => {
  test.each([1, 2, 50])(
    "an honest repeat at the other, %i at once, gets the same successor, and the session lives",
    async (parallel) => {
      const { device, next } = await usedBy(apart);
      passes(5);
      const answers = await Promise.all(Array.from({ length: parallel }, () => refreshAt(other.services, device)));
      expect(new Set(answers.map(({ status, cookie }) => `${status} ${cookie}`))).toEqual(
        new Set([`200 ${next.cookie}`]),
      );
      expect([wasReuse(), await meAt(other.services, next), await meAt(one.services, next)]).toEqual([false, 200, 200]);
      expect((await refreshAt(other.services, next)).status).toBe(200);
    },
  );

  test("is refused once the successor has been used, and the session lives", async () => {
    const { device, next } = await usedBy(apart);
    const latest = toDevice(next.email, await refreshAt(other.services, next));
    expect((await refreshAt(other.services, device)).status).toBe(401);
    expect([wasReuse(), await meAt(other.services, latest)]).toEqual([false, 200]);
  });

  test("logging out with it is logging out, not a reuse", async () => {
    const { device } = await usedBy(apart);
    provideServices(other.services);
    const answer = await api.post("/auth/logout", { cookie: device.cookie, headers: home, body: { scope: "global" } });
    expect([answer.status, answer.json.data.scope, wasReuse()]).toEqual([200, "global", false]);
  });

  test("a thief elsewhere has no second longer: it is refused", async () => {
    const { device, next } = await usedBy(apart);
    // After the window has passed on both clocks.
    passes(Math.max(0, apart) + 10.001);
    const { status, cookie } = await refreshAt(other.services, device, thief);
    expect([status, cookie]).toEqual([401, undefined]);
    expect([wasReuse(), await meAt(one.services, next)]).toEqual([true, 401]);
  });
});

describe("15.20 what does not get longer", () => {
  test("the window at the instance that has used the token", async () => {
    const { device, next } = await usedBy(20);
    passes(10.001);
    expect((await refreshAt(one.services, device)).status).toBe(401);
    expect([wasReuse(), await meAt(one.services, next)]).toEqual([true, 401]);
  });

  test.each([
    ["another network", { ...home, "X-Forwarded-For": "198.51.100.9" }],
    ["another user agent", { ...home, "User-Agent": "curl" }],
  ])("the window for %s, at an instance whose clock is ahead", async (_what, headers) => {
    const { device, next } = await usedBy(-20);
    const { status } = await refreshAt(other.services, device, headers);
    expect([status, wasReuse(), await meAt(one.services, next)]).toEqual([401, true, 401]);
  });

  test("what the leeway gives: after grace and leeway the same place is refused too, and the session ends", async () => {
    const { device, next } = await usedBy(0);
    passes(70.001);
    expect((await refreshAt(other.services, device)).status).toBe(401);
    expect([wasReuse(), await meAt(one.services, next)]).toEqual([true, 401]);
  });

  test("nothing ends where a clock is so far ahead that nobody can tell whether it is late", async () => {
    const { device, next } = await usedBy(300);
    expect((await refreshAt(other.services, device)).status).toBe(401);
    expect([wasReuse(), await meAt(one.services, next)]).toEqual([false, 200]);
  });
});

describe("15.20 other things that two instances do, 20 seconds apart", () => {
  test.each([20, -20])("a token of one is taken by the other, new sessions and keys included (%i)", async (apart) => {
    const database = await freshDatabase();
    const [first, second] = [await createTestServices({}, database), await createTestServices({}, database)];
    first.clock.advance(100);
    second.clock.advance(100 - apart);
    provideServices(first.services);
    const email = await registerPerson(api);
    const device = await signIn(api, email);
    expect(await meAt(second.services, device)).toBe(200);
    const theirs = await signIn(api, email);
    expect(await meAt(first.services, theirs)).toBe(200);
    const all = await second.services.tokens.rotation?.list(second.clock.now());
    expect(all, "they agree on the one key").toHaveLength(1);
  });

  test.each([20, -20])("a key that one has revoked, and its successor, are the other's too (%i)", async (apart) => {
    const database = await freshDatabase();
    const [first, second] = [await createTestServices({}, database), await createTestServices({}, database)];
    second.clock.advance(-apart);
    provideServices(first.services);
    const email = await registerPerson(api);
    const before = await signIn(api, email);
    expect(await meAt(second.services, before)).toBe(200);
    const { kid = "" } = await first.services.tokens.keys.current(first.clock.now());
    await first.services.tokens.rotation?.revoke(kid, first.clock.now());
    for (const { clock } of [first, second]) clock.advance(31);
    provideServices(first.services);
    const after = await signIn(api, email);
    expect([await meAt(second.services, before), await meAt(second.services, after)]).toEqual([401, 200]);
    expect((await signIn(api, email)).accessToken).toBeDefined();
    expect(await second.services.tokens.rotation?.list(second.clock.now())).toHaveLength(2);
  });

  test.each([20, -20])("a session that one has ended is refused by the other, and by its list (%i)", async (apart) => {
    const { next } = await usedBy(apart);
    provideServices(one.services);
    await api.post("/auth/logout", { bearer: next.accessToken });
    expect(await meAt(other.services, next)).toBe(401);
    passes(10);
    const { uri, idx } = claimsOf(next.accessToken).status.status_list;
    const { json: list } = await api.get(new URL(uri).pathname);
    const bytes = inflateSync(Buffer.from(claimsOf(list).status_list.lst, "base64url"));
    expect((bytes.readUInt8(idx >> 3) >> (idx & 7)) & 1).toBe(1);
  });
});

/** A device whose token the one instance has used, by a clock that is so far from the other's. */
async function usedBy(clockApart: number): Promise<{ device: Device; next: Device }> {
  const difference = one.clock.now().getTime() - other.clock.now().getTime();
  other.clock.advance(difference / 1000 - clockApart);
  provideServices(one.services);
  const device = await newDevice(api);
  const next = toDevice(device.email, await refreshAt(one.services, device));
  logLines.length = 0;
  return { device, next };
}
