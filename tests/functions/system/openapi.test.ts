import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api } = service;
const committed = JSON.parse(readFileSync("docs/openapi.json", "utf8"));

const production = {
  ENVIRONMENT: "production",
  RATE_LIMITS: "on",
  MAIL_PROVIDER: "smtp",
  SMTP_HOST: "mail.example.com",
  MAIL_FROM: "noreply@example.com",
  ISSUER: "https://auth.example.com",
  FRONTEND_URL: "https://app.example.com",
  SECRET_KEY: "k9Qz7Yw2Xv5Ut8Sr1Po4Nm6Lj3Kh0Gf-",
  DB_SERVER: "127.0.0.1",
  DB_DATABASE: "latchkey",
  ARGON2_MEMORY_KIB: "",
  ARGON2_ITERATIONS: "",
};

describe("GET /openapi.json", () => {
  test("is the committed document, with this service as its server", async () => {
    const { status, json, headers } = await api.get("/openapi.json");
    expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(json).toEqual({ ...committed, servers: [{ url: "http://localhost:7071" }] });
  });

  test("may be read from any page, and is not sent again to whoever has it", async () => {
    const { headers } = await api.get("/openapi.json", { headers: { Origin: "https://elsewhere.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("cache-control")).toBe("public, max-age=0");
    const again = await api.get("/openapi.json", { headers: { "If-None-Match": headers.get("etag") ?? "" } });
    expect([again.status, again.json]).toEqual([304, undefined]);
  });

  test("is the same under every configuration, but for its server", async () => {
    withSettings(service, {
      ALGORITHM: "HS256",
      ISSUER: "https://auth.example.com",
      GITHUB_CLIENT_ID: "a",
      GITHUB_CLIENT_SECRET: "b",
    });
    const { json } = await api.get("/openapi.json");
    expect(json).toEqual({ ...committed, servers: [{ url: "https://auth.example.com" }] });
  });

  test.each([
    ["in production", production, 404],
    ["in production with API_DOCS=on", { ...production, API_DOCS: "on" }, 200],
    ["in development with API_DOCS=off", { API_DOCS: "off" }, 404],
  ])("%s", async (_where, settings, status) => {
    withSettings(service, settings);
    expect((await api.get("/openapi.json")).status).toBe(status);
  });
});
