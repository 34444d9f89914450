import { describe, expect, test } from "vitest";
import { meStatus, newDevice, password, refresh, refreshed, registerPerson, toDevice } from "../../support/people.ts";
import { freshDatabase } from "../../support/database.ts";
import { startService } from "../../support/service.ts";
import { testSecretKey, testSettings } from "../../support/settings.ts";
import { loadConfig } from "../../../shared/config.ts";
import { createServices, provideServices, type Services } from "../../../shared/services.ts";

const { api, clock, database, logLines, services } = await startService();
const graceSeconds = 10;
const day = 86_400;

describe("POST /auth/refresh", () => {
  test("the new token works, and the whole chain after it", async () => {
    let device = await newDevice(api);
    for (let round = 0; round < 3; round += 1) {
      clock.advance(3600);
      device = await refreshed(api, device);
      expect(await meStatus(api, device)).toBe(200);
    }
  });

  test("the answer is that of a login: token, lifetime, user", async () => {
    const device = await newDevice(api);
    const { json, setCookies } = await refresh(api, device.cookie);
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
    expect((await refresh(api, early.cookie)).status).toBe(200);
    clock.advance(0.001);
    expect((await refresh(api, late.cookie)).status).toBe(401);
  });

  test("ASVS 7.3.2: the absolute limit ends a session however often it is refreshed, its access token too", async () => {
    let device = await newDevice(api);
    for (let elapsed = 6; elapsed <= 84; elapsed += 6) {
      clock.advance(6 * day);
      device = await refreshed(api, device);
    }
    clock.advance(6 * day - 60);
    const last = await refresh(api, device.cookie);
    expect(last.setCookies[0]).toContain("max-age=60;");
    clock.advance(60);
    expect(await meStatus(api, toDevice(device.email, last))).toBe(401);
    expect((await refresh(api, last.cookie ?? "")).status).toBe(401);
  });

  test("a detected reuse is audited as a warning with account and session", async () => {
    const device = await newDevice(api);
    await refreshed(api, device);
    clock.advance(graceSeconds + 1);
    logLines.length = 0;
    await refresh(api, device.cookie);
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
    expect((await refresh(api, device.cookie)).status, "the token is still unused").toBe(200);
  });

  test("while the answer cannot be signed, the token is not used up", async () => {
    const device = await newDevice(api);
    const broken = createServices(
      loadConfig({
        ...testSettings,
        ...database,
        SECRET_KEY: `other-${testSecretKey}`,
      }),
      clock,
    );
    provideServices(broken);
    expect((await refresh(api, device.cookie)).status).toBe(503);
    expect((await api.post("/auth/login", { body: { email: device.email, password } })).status).toBe(503);
    provideServices(services);
    await broken.close();
    clock.advance(60);
    expect((await refresh(api, device.cookie)).status).toBe(200);
  });

  test("ASVS 7.4.2: while the account is inactive, the token is refused and not used up", async () => {
    const device = await newDevice(api);
    const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean } }>();
    const activate = (isActive: boolean) =>
      db.updateTable("users").set({ is_active: isActive }).where("email", "=", device.email).execute();
    await activate(false);
    expect((await refresh(api, device.cookie)).status).toBe(401);
    clock.advance(60);
    await activate(true);
    expect((await refresh(api, device.cookie)).status).toBe(200);
  });

  test("a repeat across a change of SECRET_KEY is refused rather than answered with an unknown token", async () => {
    const settings = { ...testSettings, ...(await freshDatabase()), ALGORITHM: "HS256" };
    const [before, after] = [settings, { ...settings, SECRET_KEY: `other-${testSecretKey}` }].map((each) =>
      createServices(loadConfig(each), clock),
    ) as [Services, Services];
    provideServices(before);
    const device = await newDevice(api);
    const latest = await refreshed(api, device);
    provideServices(after);
    expect((await refresh(api, device.cookie)).status).toBe(401);
    expect((await refresh(api, latest.cookie)).status).toBe(200);
    provideServices(services);
    await Promise.all([before.close(), after.close()]);
  });
});
