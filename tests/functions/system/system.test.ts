import { describe, expect, test } from "vitest";
import { createServices, provideServices } from "../../../shared/services.ts";
import { loadConfig } from "../../../shared/config.ts";
import { startService, withSettings } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

const { api, clock, database, logLines, services } = await startService();

describe("GET /", () => {
  test("names the service, its version and its public documents", async () => {
    const { status, json } = await api.get("/");
    expect(status).toBe(200);
    expect(json.data).toMatchObject({ name: "Latchkey", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(json.data.links).toMatchObject({ health: "http://localhost:7071/health" });
    for (const link of Object.values<string>(json.data.links)) {
      expect((await api.get(new URL(link).pathname)).status, link).toBe(200);
    }
  });
});

describe("GET /health", () => {
  test("with the database up and no queue, is healthy and says how long it took", async () => {
    const { status, json } = await api.get("/health");
    expect(status).toBe(200);
    expect(json.data).toEqual({
      status: "healthy",
      checks: {
        database: { status: "up", latency_ms: expect.any(Number) },
        queue: { status: "not configured" },
        redis: { status: "not configured" },
        mail: { status: "not configured", waiting: 0, dead: 0, held_back_until: null },
        breached_passwords: { status: "off" },
        audit_anchors: { status: "not configured", last_at: null },
      },
      client_address: "127.0.0.1",
    });
  });

  test("tells callers where they are taken to come from, by the trusted hops alone", async () => {
    const forged = await api.get("/health", { headers: { "X-Forwarded-For": "192.0.2.1" } });
    expect(forged.json.data.client_address).toBe("127.0.0.1");
    withSettings({ services, clock, database }, { TRUSTED_PROXY_HOPS: "2" });
    const believed = await api.get("/health", { headers: { "X-Forwarded-For": "192.0.2.1" } });
    expect(believed.json.data.client_address).toBe("192.0.2.1");
    expect((await api.get("/health")).json.data.client_address).toBeNull();
  });

  test("asked by 20 at once, asks the dependencies once", async () => {
    let pings = 0;
    const counted = createServices(loadConfig({ ...testSettings, ...database }), clock);
    const dependency = counted.database as { ping: () => Promise<void> };
    dependency.ping = async () => void (pings += 1);
    provideServices(counted);
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.get("/health")));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(pings).toBe(1);
    provideServices(services);
    await counted.close();
  });

  test("with the queue away, is degraded and still 200", async () => {
    const connection =
      "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:9/a;";
    const settings = { ...testSettings, ...database, AzureWebJobsStorage: connection };
    const degraded = createServices(loadConfig(settings), clock);
    provideServices(degraded);
    logLines.length = 0;
    const { status, json } = await api.get("/health");
    expect([status, json.data.status, json.data.checks.queue.status]).toEqual([200, "degraded", "down"]);
    expect(logLines.filter((line) => line.includes("dependency.down"))).toHaveLength(1);
    expect(logLines.join()).not.toContain("YQ==");
    provideServices(services);
    await degraded.close();
  });

  test("with the database away, is 503 with Retry-After, and so is every other endpoint that needs it", async () => {
    const away = createServices(loadConfig({ ...testSettings, EMBEDDED_DB_FILE: "/dev/null/latchkey.db" }), clock);
    provideServices(away);
    const health = await api.get("/health");
    expect([health.status, health.json.error_code, health.json.details.checks.database.status]).toEqual([
      503,
      "DATABASE_UNAVAILABLE",
      "down",
    ]);
    expect(health.headers.get("retry-after")).toBe("5");
    const login = await api.post("/auth/login", { body: { email: "a@example.com", password: "whatever it is" } });
    expect([login.status, login.json.error_code]).toEqual([503, "DATABASE_UNAVAILABLE"]);
    expect(login.headers.get("retry-after")).toBe("5");
    expect((await api.get("/health/live")).status).toBe(200);
    provideServices(services);
    expect((await api.get("/health")).status).toBe(200);
  });
});

test("GET /health/live answers without touching anything", async () => {
  const { status, json } = await api.get("/health/live");
  expect([status, json.data]).toEqual([200, { status: "alive" }]);
});

describe("the fallback", () => {
  test("an unknown route is 404 in the envelope, for every method", async () => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const answer = await api.send(method, "/no/such/thing");
      expect([answer.status, answer.json.error_code], method).toEqual([404, "NOT_FOUND"]);
    }
    expect((await api.send("HEAD", "/no/such/thing")).status).toBe(404);
  });

  test.each(["/auth", "/auth/login/x", "/auth//login", "/.env", "/%2e%2e/etc", "/admin", "/runtime/x"])(
    "%s is 404",
    async (path) => {
      expect((await api.get(path)).status).toBe(404);
    },
  );

  test("letter case and a trailing slash do not count, as in Azure", async () => {
    expect((await api.get("/HEALTH/Live/")).status).toBe(200);
    expect((await api.get("/AUTH/login/")).json.error_code).toBe("METHOD_NOT_ALLOWED");
  });
});

describe("problem details (RFC 9457)", () => {
  test.each([
    ["application/problem+json", true],
    ["application/json;q=0.5, application/problem+json", true],
    ["application/problem+json;q=0", false],
    ["application/json", false],
    ["*/*", false],
  ])("with Accept: %s, an error comes as problem: %s", async (accept, isProblem) => {
    const answer = await api.get("/auth/me", { headers: { Accept: accept } });
    expect(answer.headers.get("content-type")).toBe(isProblem ? "application/problem+json" : "application/json");
    expect(answer.json).toMatchObject(
      isProblem ? { title: "A valid access token is required", status: 401 } : { success: false },
    );
    expect(answer.json.error_code).toBe("UNAUTHENTICATED");
  });
});

test("over https, the cookie is prefixed", async () => {
  const secure = createServices(
    loadConfig({ ...testSettings, ...database, ISSUER: "https://auth.example.com" }),
    clock,
  );
  provideServices(secure);
  const body = { email: "a@example.com", username: "A", password: "correct horse battery" };
  await api.post("/auth/register", { body });
  const login = await api.post("/auth/login", { body: { email: body.email, password: body.password } });
  expect(login.setCookies[0]).toMatch(
    /^__Host-refresh_token=[\w-]{43}; max-age=604800; path=\/; secure; samesite=lax; httponly$/,
  );
  provideServices(services);
  await secure.close();
});
