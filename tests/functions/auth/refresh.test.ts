import { describe, expect, test } from "vitest";
import type { ApiAnswer } from "../../support/api.ts";
import {
  cookieName,
  newDevice,
  password,
  registerPerson,
  signIn,
  toDevice,
  type Device,
} from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, logLines } = await startService();
const graceSeconds = 10;
const day = 86_400;

const refresh = (cookie: string): Promise<ApiAnswer> => api.post("/auth/refresh", { cookie });
const meStatus = async (device: Device): Promise<number> =>
  (await api.get("/auth/me", { bearer: device.accessToken })).status;

async function refreshed(device: Device): Promise<Device> {
  const answer = await refresh(device.cookie);
  expect(answer.status).toBe(200);
  return toDevice(device.email, answer);
}

/** Each situation of a presented token: how it comes about, and whether it is answered, with the session living on or not. */
const situations: readonly {
  name: string;
  arrange(): Promise<{ cookie: string; latest: Device }>;
  answered: boolean;
  sessionLives: boolean;
}[] = [
  {
    name: "current",
    arrange: async () => {
      const device = await newDevice(api);
      return { cookie: device.cookie, latest: device };
    },
    answered: true,
    sessionLives: true,
  },
  {
    name: "previous within grace",
    arrange: async () => {
      const device = await newDevice(api);
      const latest = await refreshed(device);
      clock.advance(graceSeconds);
      return { cookie: device.cookie, latest };
    },
    answered: true,
    sessionLives: true,
  },
  {
    name: "previous within grace, its successor used already",
    arrange: async () => {
      const device = await newDevice(api);
      const latest = await refreshed(await refreshed(device));
      return { cookie: device.cookie, latest };
    },
    answered: true,
    sessionLives: true,
  },
  {
    name: "previous late",
    arrange: async () => {
      const device = await newDevice(api);
      const latest = await refreshed(device);
      clock.advance(graceSeconds + 0.001);
      return { cookie: device.cookie, latest };
    },
    answered: false,
    sessionLives: false,
  },
  {
    name: "ancient",
    arrange: async () => {
      const device = await newDevice(api);
      let latest = device;
      for (let round = 0; round < 5; round += 1) {
        clock.advance(60);
        latest = await refreshed(latest);
      }
      return { cookie: device.cookie, latest };
    },
    answered: false,
    sessionLives: false,
  },
  {
    name: "forged",
    arrange: async () => ({ cookie: `${cookieName}=${"A".repeat(43)}`, latest: await newDevice(api) }),
    answered: false,
    sessionLives: true,
  },
  {
    name: "expired",
    arrange: async () => {
      const device = await newDevice(api);
      clock.advance(7 * day);
      return { cookie: device.cookie, latest: await newDevice(api) };
    },
    answered: false,
    sessionLives: true,
  },
];

describe.each([1, 2, 50])("RFC 9700 4.14: refreshing %d times at once", (parallel) => {
  test.each(situations)("with a token that is $name", async ({ arrange, answered, sessionLives }) => {
    const { cookie, latest } = await arrange();
    const bystander = await signIn(api, latest.email);
    const answers = await Promise.all(Array.from({ length: parallel }, () => refresh(cookie)));
    if (answered) {
      expect(answers.map(({ status }) => status)).toEqual(Array(parallel).fill(200));
      expect(new Set(answers.map((answer) => answer.cookie)).size).toBe(1);
      expect(answers[0]?.cookie).not.toBe(cookie);
    } else {
      for (const { status, json } of answers) expect([status, json.error_code]).toEqual([401, "REFRESH_TOKEN_INVALID"]);
    }
    expect(await meStatus(latest)).toBe(sessionLives ? 200 : 401);
    expect(await meStatus(bystander), "another device of the same person").toBe(200);
  });
});

describe("POST /auth/refresh", () => {
  test("the new token works, and the whole chain after it", async () => {
    let device = await newDevice(api);
    for (let round = 0; round < 3; round += 1) {
      clock.advance(3600);
      device = await refreshed(device);
      expect(await meStatus(device)).toBe(200);
    }
  });

  test("the answer is that of a login: token, lifetime, user", async () => {
    const device = await newDevice(api);
    const { json, setCookies } = await refresh(device.cookie);
    expect(Object.keys(json.data).toSorted()).toEqual(["access_token", "expires_in", "token_type", "user"]);
    expect(json.data).toMatchObject({ token_type: "bearer", expires_in: 1800, user: { email: device.email } });
    expect(setCookies).toHaveLength(1);
  });

  test("a token that came in the body goes back in the body, and none into a cookie", async () => {
    const email = await registerPerson(api);
    const login = await api.post("/auth/login", { body: { email, password, transport: "body" } });
    const answer = await api.post("/auth/refresh", { body: { refresh_token: login.json.data.refresh_token } });
    expect(answer.json.data.refresh_token).toMatch(/^[\w-]{43}$/);
    expect(answer.setCookies).toEqual([]);
  });

  test("a token in the body wins over the cookie", async () => {
    const [one, two] = [await newDevice(api), await newDevice(api)];
    const answer = await api.post("/auth/refresh", { body: { refresh_token: one.refreshToken }, cookie: two.cookie });
    expect(answer.json.data.user.email).toBe(one.email);
  });

  test("the prefixed cookie wins over the plain one", async () => {
    const [one, two] = [await newDevice(api), await newDevice(api)];
    const answer = await api.post("/auth/refresh", {
      cookie: `${one.cookie}; __Host-refresh_token=${two.refreshToken}`,
    });
    expect(answer.json.data.user.email).toBe(two.email);
  });

  test.each([[{}], [{ body: {} }], [{ cookie: "other=1" }]])(
    "without a token (%j), answers REFRESH_TOKEN_MISSING",
    async (request) => {
      const answer = await api.post("/auth/refresh", request);
      expect([answer.status, answer.json.error_code]).toEqual([401, "REFRESH_TOKEN_MISSING"]);
    },
  );

  test("an access token is no refresh token", async () => {
    const device = await newDevice(api);
    const answer = await api.post("/auth/refresh", { body: { refresh_token: device.accessToken } });
    expect(answer.json.error_code).toBe("REFRESH_TOKEN_INVALID");
  });

  test("ASVS 7.3.1: the idle limit holds to the millisecond", async () => {
    const [early, late] = [await newDevice(api), await newDevice(api)];
    clock.advance(7 * day - 0.001);
    expect((await refresh(early.cookie)).status).toBe(200);
    clock.advance(0.001);
    expect((await refresh(late.cookie)).status).toBe(401);
  });

  test("ASVS 7.3.2: the absolute limit ends a session however often it is refreshed, its access token too", async () => {
    let device = await newDevice(api);
    for (let elapsed = 6; elapsed <= 84; elapsed += 6) {
      clock.advance(6 * day);
      device = await refreshed(device);
    }
    clock.advance(6 * day - 60);
    const last = await refresh(device.cookie);
    expect(last.setCookies[0]).toContain("max-age=60;");
    clock.advance(60);
    expect(await meStatus(toDevice(device.email, last))).toBe(401);
    expect((await refresh(last.cookie ?? "")).status).toBe(401);
  });

  test("a detected reuse is audited as a warning with account and session", async () => {
    const device = await newDevice(api);
    await refreshed(device);
    clock.advance(graceSeconds + 1);
    logLines.length = 0;
    await refresh(device.cookie);
    const [event] = logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(event).toMatchObject({
      level: "warn",
      event: "audit",
      type: "session.reuse_detected",
      account_id: expect.any(String),
      session_id: expect.any(String),
    });
  });

  test("ASVS 3.5: the cookie of a foreign page's request is not used", async () => {
    const device = await newDevice(api);
    for (const headers of [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
    ]) {
      const answer = await api.post("/auth/refresh", {
        cookie: device.cookie,
        headers: headers,
      });
      expect([answer.status, answer.json.error_code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    }
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await api.post("/auth/refresh", { cookie: device.cookie, body: "a=1", headers: form })).status).toBe(415);
    expect((await refresh(device.cookie)).status, "the token is still unused").toBe(200);
  });
});
