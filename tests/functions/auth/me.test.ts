import { describe, expect, test } from "vitest";
import { newDevice } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, services } = await startService();

describe("GET /auth/me", () => {
  test("with an access token, answers the user", async () => {
    const device = await newDevice(api);
    const { status, json } = await api.get("/auth/me", { bearer: device.accessToken });
    expect(status).toBe(200);
    expect(Object.keys(json.data.user)).toEqual([
      "id",
      "email",
      "username",
      "name",
      "picture",
      "provider",
      "locale",
      "is_active",
      "email_verified",
      "created_at",
      "updated_at",
      "last_login",
    ]);
    expect(json.data.user).toMatchObject({
      email: device.email,
      provider: null,
      is_active: true,
      email_verified: false,
    });
  });

  test.each([
    ["no header", undefined, "Bearer"],
    ["another scheme", "Basic dXNlcjpwYXNz", 'Bearer error="invalid_token"'],
    ["two tokens", "Bearer a.b.c,Bearer a.b.c", 'Bearer error="invalid_token"'],
    ["an empty token", "Bearer ", 'Bearer error="invalid_token"'],
    ["no JWT", "Bearer abc", 'Bearer error="invalid_token"'],
  ])("RFC 6750 3: with %s, answers 401 and the challenge", async (_what, authorization, challenge) => {
    const answer = await api.get("/auth/me", {
      headers: authorization === undefined ? {} : { Authorization: authorization },
    });
    expect([answer.status, answer.json.error_code]).toEqual([401, "UNAUTHENTICATED"]);
    expect(answer.headers.get("www-authenticate")).toBe(challenge);
  });

  test("a refresh token is no access token, and a cookie alone signs nobody in here", async () => {
    const device = await newDevice(api);
    expect((await api.get("/auth/me", { bearer: device.refreshToken })).status).toBe(401);
    expect((await api.get("/auth/me", { cookie: device.cookie })).status).toBe(401);
  });

  test("an access token expires after its 30 minutes and 60 seconds of leeway", async () => {
    const device = await newDevice(api);
    clock.advance(1800 + 59);
    expect((await api.get("/auth/me", { bearer: device.accessToken })).status).toBe(200);
    clock.advance(1);
    const answer = await api.get("/auth/me", { bearer: device.accessToken });
    expect([answer.status, answer.json.error_code]).toEqual([401, "TOKEN_EXPIRED"]);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  });

  test("ASVS 7.4.2: deactivation ends access at once, and refreshing too", async () => {
    const device = await newDevice(api);
    const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean } }>();
    await db.updateTable("users").set({ is_active: false }).where("email", "=", device.email).execute();
    expect((await api.get("/auth/me", { bearer: device.accessToken })).status).toBe(401);
    expect((await api.post("/auth/refresh", { cookie: device.cookie })).status).toBe(401);
  });

  test("HEAD answers as GET does, without a body", async () => {
    const device = await newDevice(api);
    const answer = await api.send("HEAD", "/auth/me", { bearer: device.accessToken });
    expect([answer.status, answer.json]).toEqual([200, undefined]);
    expect((await api.send("HEAD", "/auth/me")).status).toBe(401);
  });

  test("a column that the reply does not declare never leaves", async () => {
    const device = await newDevice(api);
    const { json } = await api.get("/auth/me", { bearer: device.accessToken });
    expect(JSON.stringify(json)).not.toMatch(/hash|argon2|normalised/);
  });
});
