import { describe, expect, test } from "vitest";
import { isOwnPage } from "../../../shared/http/cors.ts";
import { openRaw } from "../../local-host/open-raw.ts";
import type { ApiRequest } from "../../support/api.ts";
import { newDevice, registerPerson, signIn, toDevice, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, logLines, url } = await startService();
const cleared = [expect.stringMatching(/^refresh_token=; max-age=0; path=\//)];

const logout = (request: ApiRequest) => api.post("/auth/logout", request);
const isSignedIn = async (device: Device): Promise<boolean> =>
  (await api.get("/auth/me", { bearer: device.accessToken })).status === 200;
const canRefresh = async (device: Device): Promise<boolean> =>
  (await api.post("/auth/refresh", { cookie: device.cookie })).status === 200;

async function threeDevices(): Promise<[Device, Device, Device]> {
  const email = await registerPerson(api);
  return [await signIn(api, email), await signIn(api, email), await signIn(api, email)];
}

describe("POST /auth/logout, scope local", () => {
  const credentials: readonly (readonly [string, (device: Device) => ApiRequest])[] = [
    ["bearer", (device) => ({ bearer: device.accessToken })],
    ["cookie", (device) => ({ cookie: device.cookie })],
    ["refresh token in the body", (device) => ({ body: { refresh_token: device.refreshToken } })],
    ["bearer and cookie", (device) => ({ bearer: device.accessToken, cookie: device.cookie })],
  ];

  test.each(credentials)(
    "ASVS 7.4.1: with %s, access and refresh token fail at once; other devices stay",
    async (_what, request) => {
      const [one, two] = await threeDevices();
      const answer = await logout(request(one));
      expect([answer.status, answer.json.data]).toEqual([200, { scope: "local" }]);
      expect(answer.setCookies).toEqual(cleared);
      expect(await isSignedIn(one)).toBe(false);
      expect(await canRefresh(one)).toBe(false);
      expect(await isSignedIn(two)).toBe(true);
    },
  );

  test("given a bearer and a cookie of two sessions, both end", async () => {
    const [one, two, three] = await threeDevices();
    await logout({ bearer: one.accessToken, cookie: two.cookie });
    expect([await isSignedIn(one), await isSignedIn(two), await isSignedIn(three)]).toEqual([false, false, true]);
  });

  test.each([
    ["nothing at all", {}],
    ["an unknown cookie", { cookie: `refresh_token=${"B".repeat(43)}` }],
    ["a forged bearer", { bearer: "a.b.c" }],
    ["an empty object", { body: {} }],
  ])("with %s, answers 200 and clears the cookie", async (_what, request) => {
    const answer = await logout(request);
    expect(answer.status).toBe(200);
    expect(answer.setCookies).toEqual(cleared);
  });

  test("is idempotent", async () => {
    const device = await newDevice(api);
    for (let round = 0; round < 3; round += 1)
      expect((await logout({ cookie: device.cookie, bearer: device.accessToken })).status).toBe(200);
  });

  test("with a refresh token that was used before, ends its session all the same", async () => {
    const device = await newDevice(api);
    const latest = toDevice(device.email, await api.post("/auth/refresh", { cookie: device.cookie }));
    clock.advance(60);
    await logout({ cookie: device.cookie });
    expect(await isSignedIn(latest)).toBe(false);
  });

  test("both cookies, the plain and the prefixed, are cleared by their own names", async () => {
    const device = await newDevice(api);
    const answer = await logout({ cookie: device.cookie });
    expect(answer.setCookies[0]).not.toContain("secure");
  });
});

describe("POST /auth/logout, scope others", () => {
  test("ends all sessions but this one, and keeps its cookie", async () => {
    const [one, two, three] = await threeDevices();
    const stranger = await newDevice(api);
    const answer = await logout({ bearer: one.accessToken, body: { scope: "others" } });
    expect(answer.setCookies).toEqual([]);
    expect(answer.json).toMatchObject({ message: "Other sessions ended", data: { scope: "others" } });
    expect([await isSignedIn(one), await isSignedIn(two), await isSignedIn(three), await isSignedIn(stranger)]).toEqual(
      [true, false, false, true],
    );
    expect(await canRefresh(one)).toBe(true);
    expect(await canRefresh(two)).toBe(false);
  });

  test("with a credential that has ended, reaches no further than local", async () => {
    const [one, two] = await threeDevices();
    await logout({ cookie: one.cookie });
    const answer = await logout({ cookie: one.cookie, bearer: one.accessToken, body: { scope: "others" } });
    expect(answer.json.data).toEqual({ scope: "local" });
    expect(answer.setCookies).toEqual(cleared);
    expect(await isSignedIn(two)).toBe(true);
  });
});

describe("POST /auth/logout, scope global", () => {
  test.each([
    ["bearer", (device: Device) => ({ bearer: device.accessToken })],
    ["cookie", (device: Device) => ({ cookie: device.cookie })],
  ])("with a %s, ends every session of the account and no one else's", async (_what, request) => {
    const [one, two, three] = await threeDevices();
    const stranger = await newDevice(api);
    const answer = await logout({ ...request(one), body: { scope: "global" } });
    expect(answer.setCookies).toEqual(cleared);
    expect([await isSignedIn(one), await isSignedIn(two), await isSignedIn(three), await isSignedIn(stranger)]).toEqual(
      [false, false, false, true],
    );
  });

  test("with a stolen token that was used long ago, ends its own session and leaves the others", async () => {
    const [one, two] = await threeDevices();
    await api.post("/auth/refresh", { cookie: one.cookie });
    clock.advance(60);
    await logout({ cookie: one.cookie, body: { scope: "global" } });
    expect([await isSignedIn(one), await isSignedIn(two)]).toEqual([false, true]);
  });

  test("with a live bearer and a long-used token of another session, ends that session too, as a reuse", async () => {
    const [one] = await threeDevices();
    const other = await newDevice(api);
    const latest = toDevice(other.email, await api.post("/auth/refresh", { cookie: other.cookie }));
    clock.advance(60);
    logLines.length = 0;
    await logout({ bearer: one.accessToken, cookie: other.cookie, body: { scope: "global" } });
    expect([await isSignedIn(one), await isSignedIn(latest)]).toEqual([false, false]);
    expect(logLines.filter((line) => line.includes("session.reuse_detected"))).toHaveLength(1);
  });

  test("with an expired access token alone, ends nothing", async () => {
    const device = await newDevice(api);
    clock.advance(3600);
    expect((await logout({ bearer: device.accessToken, body: { scope: "global" } })).status).toBe(200);
    expect(await canRefresh(device)).toBe(true);
  });
});

describe("POST /auth/logout, bad input", () => {
  test("a scope in a chunked body, which the host does not hand on, is refused rather than taken for local", async () => {
    const device = await newDevice(api);
    const head = `POST /auth/logout HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${device.accessToken}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
    const connection = openRaw(url);
    connection.write(`${head}12\r\n{"scope":"global"}\r\n0\r\n\r\n`);
    expect(await connection.ended).toContain("not in chunks");
    expect(await isSignedIn(device)).toBe(true);
  });

  test("an unknown scope is 422 and ends nothing", async () => {
    const device = await newDevice(api);
    const answer = await logout({ cookie: device.cookie, body: { scope: "everyone" } });
    expect(answer.json.details.fields).toEqual([{ field: "scope", message: 'must be "local", "others" or "global"' }]);
    expect(await isSignedIn(device)).toBe(true);
  });

  test("ASVS 3.5: a foreign page cannot sign its visitor out", async () => {
    const device = await newDevice(api);
    const answer = await logout({ cookie: device.cookie, headers: { Origin: "https://evil.example" } });
    expect(answer.json.error_code).toBe("ORIGIN_NOT_ALLOWED");
    expect(await isSignedIn(device)).toBe(true);
  });
});

describe("15.9g Clear-Site-Data", () => {
  const own = "http://localhost:7071";
  const clearing = async (headers: Record<string, string>, scope = "local") => {
    const { cookie } = await newDevice(api);
    return (await logout({ cookie, headers, body: { scope } })).headers.get("clear-site-data");
  };

  test.each([
    ["says same-origin", { Origin: own, "Sec-Fetch-Site": "same-origin" }],
    ["is of an older browser", { Origin: own }],
  ])("empties cache and storage of a page of the service's own that %s, and no cookies", async (_what, headers) => {
    expect(await clearing(headers)).toBe('"cache", "storage"');
    expect(await clearing(headers, "global")).toBe('"cache", "storage"');
  });

  test.each([
    ["of the app", { Origin: "http://localhost:3000", "Sec-Fetch-Site": "same-site" }],
    ["of the app, in an older browser", { Origin: "http://localhost:3000" }],
    ["of none", {}],
  ])("is not for a page %s", async (_what, headers) => {
    expect(await clearing(headers)).toBeNull();
  });

  test("is not for a logout of others, which goes on here", async () => {
    const device = await newDevice(api);
    const headers = { Origin: own, "Sec-Fetch-Site": "same-origin" };
    const answer = await logout({ bearer: device.accessToken, headers, body: { scope: "others" } });
    expect(answer.json.data.scope).toBe("others");
    expect(answer.headers.has("clear-site-data")).toBe(false);
  });

  test.each([
    ["https://auth.example.com", true],
    ["https://www.example.com/identity", false],
  ])(
    "where the issuer is %s, is sent: %j; an origin with others on it is not the service's own",
    (issuer, expected) => {
      const headers = new Map([["sec-fetch-site", "same-origin"]]);
      expect(isOwnPage({ get: (name) => headers.get(name) ?? null }, issuer)).toBe(expected);
    },
  );
});
