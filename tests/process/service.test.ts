import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { azuriteConnection } from "../local-host/azurite-connection.ts";
import { findFreePort } from "../../tools/free-port.ts";
import { createApi } from "../support/api.ts";
import { newDevice } from "../support/people.ts";
import { buildCheckout, freshCheckout } from "./checkout.ts";
import { runTool, type Outcome, type RunningTool } from "./run-tool.ts";

const running = new Set<RunningTool>();

afterEach(async () => {
  for (const tool of running) tool.kill("SIGTERM");
  await Promise.all([...running].map((tool) => tool.ended));
  running.clear();
});

const checkout = await buildCheckout();

const noQueue = { AzureWebJobsStorage: azuriteConnection(9) };

describe("npm start, on a fresh checkout", () => {
  test("makes its settings, migrates, starts the queue and serves the main path; SIGTERM ends it with 0", async () => {
    const [root, port, queuePort] = [freshCheckout(), await findFreePort(), await findFreePort()];
    const service = run(root, "tools/start.ts", {
      env: { PORT: `${port}`, AzureWebJobsStorage: azuriteConnection(queuePort) },
    });
    await service.printed("zz-fallback");
    const api = createApi(`http://127.0.0.1:${port}`);
    const health = await api.get("/health");
    expect(health.json.data).toMatchObject({
      status: "healthy",
      checks: { database: { status: "up" }, queue: { status: "up" } },
    });
    const device = await newDevice(api);
    const me = await api.get("/auth/me", { bearer: device.accessToken });
    expect(me.json.data.user.email).toBe(device.email);
    expect(String((await api.get("/test-login")).json)).toContain("<title>Latchkey test page</title>");
    const claims = JSON.parse(Buffer.from(device.accessToken.split(".")[1] ?? "", "base64url").toString()) as object;
    expect(claims).toMatchObject({ iss: `http://localhost:${port}` });
    expect(service.output.stdout).toContain('"type":"sign_in.succeeded"');
    service.kill("SIGTERM");
    expect(await service.ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("a second start keeps settings, database and sessions", async () => {
    const [root, port] = [checkout(), await findFreePort()];
    const env = { PORT: `${port}`, ...noQueue };
    const first = run(root, "tools/start.ts", { env });
    await first.printed("zz-fallback");
    const api = createApi(`http://127.0.0.1:${port}`);
    const device = await newDevice(api);
    first.kill("SIGTERM");
    await first.ended;
    const second = run(root, "tools/start.ts", { env });
    await second.printed("zz-fallback");
    expect((await api.get("/auth/me", { bearer: device.accessToken })).status).toBe(200);
    expect((await api.post("/auth/refresh", { cookie: device.cookie })).status).toBe(200);
  });

  test.each([
    ["a short SECRET_KEY", { SECRET_KEY: "short" }, /^Wrong settings: SECRET_KEY must have 32 characters or more$/],
    ["an unknown ALGORITHM", { ALGORITHM: "none" }, /^Wrong settings: ALGORITHM must be RS256, ES256, EdDSA or HS256$/],
    [
      "production's rules broken",
      { ENVIRONMENT: "production" },
      /^Wrong settings: ISSUER is required in production.*DB_SERVER is required/,
    ],
  ])("with %s, is one clear line and exit code 1", async (_what, env, text) => {
    expectOneLine(await refusal(checkout(), env), text);
  });

  test("15.14 with settings that do nothing starts, and names them at once and in its log, without a value", async () => {
    const [root, port] = [checkout(), await findFreePort()];
    const env = { PORT: `${port}`, ...noQueue, DB_PASSWORD: "canary", "ALLOWED-ORIGINS": "https://canary.example" };
    const service = run(root, "tools/start.ts", { env });
    await service.printed("zz-fallback");
    const told = "ALLOWED-ORIGINS is not a setting, but ALLOWED_ORIGINS is; DB_PASSWORD does nothing without DB_SERVER";
    expect(service.output.stderr).toBe(`Doubtful settings: ${told}\n`);
    const api = createApi(`http://127.0.0.1:${port}`);
    for (let calls = 0; calls < 3; calls += 1) await api.get("/.well-known/jwks.json");
    const lines = service.output.stdout.split("\n").filter((line) => line.includes("service.doubtful_settings"));
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ level: "warn", message: told }),
    ]);
    expect(service.output.stdout + service.output.stderr).not.toContain("canary");
    const keys = await run(root, "tools/keys.ts", { args: ["list"], env: { DB_PASSWORD: "canary" } }).ended;
    expect(keys.stderr).toBe("Doubtful settings: DB_PASSWORD does nothing without DB_SERVER\n");
    expect(keys.stdout).toMatch(/^current /);
  });

  test("with a migration that fails, is one clear line that names it, and exit code 1", async () => {
    const root = checkout();
    writeFileSync(path.join(root, "sql/0099_broken.sql"), "create tabel x (y int);");
    expectOneLine(await refusal(root), /0099_broken\.sql failed and was undone/);
  });

  test("with an applied migration that was changed, says which", async () => {
    const root = checkout();
    await run(root, "tools/migrate.ts", { args: ["up"] }).ended;
    appendFileSync(path.join(root, "sql/0001_accounts.sql"), "-- changed\n");
    expectOneLine(await refusal(root), /Migration 0001_accounts\.sql was changed after it had been applied/);
  });

  test("with another SECRET_KEY than the database was made with, says what to do", async () => {
    const [root, port] = [checkout(), await findFreePort()];
    const first = run(root, "tools/start.ts", { env: { PORT: `${port}`, ...noQueue } });
    await first.printed("zz-fallback");
    first.kill("SIGTERM");
    await first.ended;
    expectOneLine(
      await refusal(root, { SECRET_KEY: "x".repeat(20) + "y".repeat(20) }),
      /sealed with another SECRET_KEY: restore that value/,
    );
  });

  test("with a database file that is none, says so", async () => {
    const root = checkout();
    writeFileSync(path.join(root, "not.db"), "this is no database ".repeat(100));
    expectOneLine(await refusal(root, { EMBEDDED_DB_FILE: "not.db" }), /not\.db/);
  });
});

describe("npm run migrate", () => {
  test("up applies what is pending and says it; status lists; up again has nothing to do", async () => {
    const root = checkout();
    const migrate = async (...args: string[]) => run(root, "tools/migrate.ts", { args }).ended;
    expect((await migrate("status")).stdout).toMatch(/^pending {2}0001_accounts\.sql\n/);
    expect((await migrate("up")).stdout).toMatch(/^applied {2}0001_accounts\.sql\n/);
    expect((await migrate("status")).stdout).not.toContain("pending");
    expect((await migrate("up")).stdout).toMatch(/^up to date: \d+ migrations\n$/);
  });

  test.each([[[]], [["down"]], [["up", "now"]]])("with %j, says how it is used and ends with 1", async (args) => {
    const outcome = await run(checkout(), "tools/migrate.ts", { args }).ended;
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^usage: npm run migrate -- up \| status \| verify \[--dry-run\]\n +npm run migrate -- grant .*\n$/,
    );
  });

  test("five at once do no harm", async () => {
    const root = checkout();
    // The settings file first: five makers of it would each have a secret of their own.
    await run(root, "tools/migrate.ts", { args: ["status"] }).ended;
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => run(root, "tools/migrate.ts", { args: ["up"] }).ended),
    );
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 5 }, () => [0, ""]));
    const applied = outcomes.flatMap(({ stdout }) => stdout.match(/^applied .*$/gm) ?? []);
    expect(new Set(applied).size).toBe(applied.length);
  });
});

function run(root: string, tool: string, options: { args?: string[]; env?: Record<string, string> } = {}): RunningTool {
  const started = runTool(path.join(root, tool), { cwd: root, ...options });
  running.add(started);
  return started;
}

/** What `npm start` says when it must not start. */
async function refusal(root: string, env: Record<string, string> = {}): Promise<Outcome> {
  const port = String(await findFreePort());
  return run(root, "tools/start.ts", { env: { PORT: port, ...noQueue, ...env } }).ended;
}

function expectOneLine({ code, stderr }: Outcome, text: RegExp): void {
  expect(code).toBe(1);
  expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(text)]);
}
