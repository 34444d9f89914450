import { readFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { catalogue } from "../../../shared/http/catalogue.ts";
import { errorTable } from "../../../shared/platform/errors/table.ts";
import { provideFunctionsCore } from "../../../tools/local-host/functions-core.ts";
import { startLocalHost } from "../../../tools/local-host/host.ts";
import { createApi } from "../../support/api.ts";
import { runTimer } from "../../support/jobs.ts";
import { loadFunctions } from "../../support/service.ts";

const canary = "canary-short-key";
const settings = { SECRET_KEY: canary, ALGORITHM: "canary-algorithm", ISSUER: "https://canary.example.com/?x" };
for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);

// As with the others, but no services are given to it: they are to come from the settings of the process.
await loadFunctions();
const lines: string[] = [];
const host = await startLocalHost({
  registry: provideFunctionsCore(),
  hostJson: JSON.parse(readFileSync("host.json", "utf8")),
  port: 0,
  appendPeer: true,
  timers: false,
  log: (line) => lines.push(line),
});
afterAll(() => host.close());
const api = createApi(host.url);

/** A minute passes in which nothing was told. */
let minutes = 0;
beforeEach(() => {
  minutes += 2;
  const start = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(start + minutes * 60_000);
  lines.length = 0;
});

describe("15.25 with wrong settings, on a host that stays up", () => {
  test.each(routes())("%s %s is 503 with Retry-After, and tells the caller no setting", async (method, path) => {
    const answer = await api.send(method, path, method === "GET" ? {} : { body: {} });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("60");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(JSON.stringify(answer.json)).not.toMatch(/SECRET_KEY|ALGORITHM|canary/);
  });

  test("the envelope, problem details and OAuth's own form each say it", async () => {
    const { message, remedy } = errorTable.SERVICE_MISCONFIGURED;
    expect((await api.get("/auth/me")).json).toMatchObject({
      error_code: "SERVICE_MISCONFIGURED",
      message,
      details: {},
    });
    const problem = await api.get("/docs", { headers: { Accept: "application/problem+json" } });
    expect(problem.json).toMatchObject({ error_code: "SERVICE_MISCONFIGURED", status: 503, detail: remedy });
    const token = await api.post("/oauth/token", { form: { grant_type: "client_credentials" } });
    expect(token.json).toEqual({ error: "temporarily_unavailable", error_description: message });
  });

  test("a preflight is 503 too, and HEAD", async () => {
    const headers = { Origin: "https://app.example.com", "Access-Control-Request-Method": "POST" };
    expect((await api.send("OPTIONS", "/auth/login", { headers })).status).toBe(503);
    expect((await api.send("HEAD", "/health")).status).toBe(503);
  });

  test("GET /health/live is 200: a restart would not help; GET /health is 503", async () => {
    expect((await api.get("/health/live")).json.data).toEqual({ status: "alive" });
    expect((await api.send("HEAD", "/health/live")).status).toBe(200);
    expect((await api.get("/health")).status).toBe(503);
  });

  test("the log names each setting and no value, in one line a minute, however many call", async () => {
    for (let call = 0; call < 20; call += 1) await api.get("/auth/me");
    await api.post("/oauth/token", { form: { grant_type: "client_credentials" } });
    expect(lines).toHaveLength(1);
    const line: unknown = JSON.parse(lines[0] ?? "");
    expect(line).toMatchObject({ level: "error", event: "service.misconfigured" });
    expect(line).toMatchObject({ message: expect.stringMatching(/^Wrong settings: .*SECRET_KEY must have 32/) });
    expect(line).toMatchObject({ message: expect.stringMatching(/ALGORITHM must be.*ISSUER must have no query/) });
    expect(lines[0]).not.toMatch(/canary|stack|\bat /);
    const now = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(now + 59_999);
    await api.get("/auth/me");
    expect(lines).toHaveLength(1);
    vi.spyOn(performance, "now").mockReturnValue(now + 60_000);
    await api.get("/auth/me");
    expect(lines).toHaveLength(2);
  });

  test("a timer fails, with that one line and no stack of its own", async () => {
    const told: Record<string, unknown>[] = [];
    await expect(runTimer("purge-expired", told)).rejects.toThrow("Wrong settings");
    expect(told).toEqual([expect.objectContaining({ event: "service.misconfigured" })]);
  });

  test("the settings are read once, not for each call", async () => {
    vi.stubEnv("SECRET_KEY", "another, which is long enough to be taken");
    await api.get("/auth/me");
    expect(lines[0]).toContain("SECRET_KEY must have 32");
  });
});

/** Every endpoint but the one for life, and what the service does not have. */
function routes() {
  return [
    ...catalogue()
      .filter(({ name }) => name !== "health-live")
      .map(({ method, route }) => [method, `/${route.replace(/^\//, "").replace("{provider}", "acme")}`] as const),
    ["GET", "/no/such/thing"],
    ["PUT", "/auth/login"],
    ["OPTIONS", "/auth/login"],
  ] as const;
}
