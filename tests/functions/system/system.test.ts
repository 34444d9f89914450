import { describe, expect, test } from "vitest";
import { catalogue, endpointsAt, takesHead } from "../../../shared/http/catalogue.ts";
import { oauth } from "../../../shared/http/formats/oauth.ts";
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

describe.each(catalogue().map((entry) => [entry.method, `/${entry.route.replace(/^\//, "")}`, entry] as const))(
  "%s %s",
  (method, path, entry) => {
    const taken = endpointsAt(path).flatMap((one) => (takesHead(one) ? ["GET", "HEAD"] : [one.method]));
    const allow = [...taken.toSorted(), "OPTIONS"].join(", ");

    test.each(["GET", "POST", "PUT", "PATCH", "DELETE"].filter((other) => !taken.includes(other)))(
      "a %s is 405 with Allow",
      async (other) => {
        const answer = await api.send(other, path);
        expect([answer.status, answer.json.error_code]).toEqual([405, "METHOD_NOT_ALLOWED"]);
        expect(answer.headers.get("allow")).toBe(allow);
      },
    );

    test("a plain OPTIONS says what is allowed", async () => {
      const answer = await api.send("OPTIONS", path);
      expect([answer.status, answer.headers.get("allow")]).toEqual([204, allow]);
    });

    test("ASVS 3.4: a preflight is answered for a listed origin, with its methods, and remembered", async () => {
      const headers = {
        Origin: "http://localhost:3000",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
      };
      const answer = await api.send("OPTIONS", path, { headers });
      expect(answer.status).toBe(204);
      expect(answer.headers.get("access-control-allow-methods")).toContain(method);
      const allowed =
        "Authorization, Content-Type, Accept, traceparent, tracestate, baggage, Request-Id, Request-Context";
      expect(answer.headers.get("access-control-allow-headers"), "15.21").toBe(allowed);
      expect(Number(answer.headers.get("access-control-max-age"))).toBeGreaterThan(0);
      expect(answer.headers.get("access-control-allow-origin")).toBe(
        entry.format.cors === "any" ? "*" : "http://localhost:3000",
      );
      expect(answer.headers.get("access-control-allow-credentials")).toBe(entry.format.cors === "any" ? null : "true");
    });

    test.each(["https://evil.example", "null", "http://localhost:3000.evil.example", "http://LOCALHOST:3000"])(
      "ASVS 3.4: a preflight from %s is refused",
      async (origin) => {
        const answer = await api.send("OPTIONS", path, {
          headers: { Origin: origin, "Access-Control-Request-Method": method },
        });
        expect(answer.status).toBe(entry.format.cors === "any" ? 204 : 403);
        expect(answer.headers.get("access-control-allow-origin")).toBe(entry.format.cors === "any" ? "*" : null);
      },
    );

    test("the matrix: an anonymous call meets authentication exactly where the catalogue says so", async () => {
      const answer = await api.send(method, path, method === "GET" ? {} : { body: {} });
      const isUnauthenticated = answer.json?.error_code === "UNAUTHENTICATED";
      expect(isUnauthenticated).toBe(entry.access === "session");
      const form = { token: "x", grant_type: "client_credentials" };
      const unnamed =
        entry.format === oauth && method === "POST" ? (await api.post(path, { form })).json.error : undefined;
      expect(unnamed).toBe(entry.access === "client" ? "invalid_client" : undefined);
    });

    test("an answer can be read from a listed origin alone, which learns Retry-After and X-Request-Id", async () => {
      const listed = await api.send(method, path, { headers: { Origin: "http://localhost:3000" } });
      expect(listed.headers.get("access-control-allow-origin")).toBe(
        entry.format.cors === "any" ? "*" : "http://localhost:3000",
      );
      expect(listed.headers.get("access-control-expose-headers")).toBe("Retry-After, X-Request-Id");
      const foreign = await api.send(method, path, { headers: { Origin: "https://evil.example" } });
      expect(foreign.headers.get("access-control-allow-origin")).toBe(entry.format.cors === "any" ? "*" : null);
    });
  },
);

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

test("over https, HSTS is on every answer and the cookie is prefixed", async () => {
  const secure = createServices(
    loadConfig({ ...testSettings, ...database, ISSUER: "https://auth.example.com" }),
    clock,
  );
  provideServices(secure);
  expect((await api.get("/health/live")).headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
  const body = { email: "a@example.com", username: "A", password: "correct horse battery" };
  await api.post("/auth/register", { body });
  const login = await api.post("/auth/login", { body: { email: body.email, password: body.password } });
  expect(login.setCookies[0]).toMatch(
    /^__Host-refresh_token=[\w-]{43}; max-age=604800; path=\/; secure; samesite=lax; httponly$/,
  );
  provideServices(services);
  expect((await api.get("/health/live")).headers.has("strict-transport-security")).toBe(false);
  await secure.close();
});
