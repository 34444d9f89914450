import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startTdsServer } from "../support/tds/test-server.ts";
import { canary, refusal, watched } from "./sql-server.ts";

const server = await startTdsServer();
const connect = watched(server);

const platform = await startIdentityPlatform();
afterAll(() => vi.unstubAllEnvs());

beforeEach(() => {
  platform.status = 200;
  platform.isSilent = false;
  platform.asked.length = 0;
  server.logins.length = 0;
});

describe("without DB_USERNAME, in Azure,", () => {
  // First, as the identity library keeps a token for the rest of the process.
  test("whose identity gets no token, answers 503 and names the setting", async () => {
    platform.status = 400;
    const login = { clientId: "22222222-0000-4000-8000-000000000001", isInAzure: true };
    const thrown = await refusal(
      connect(server.port, { login, connectTimeoutSeconds: 5, acquireTimeoutSeconds: 5 }).ping(),
    );
    expect(thrown.reason).toBe("the managed identity got no token: see AZURE_CLIENT_ID");
    expect(platform.asked.length).toBeGreaterThan(0);
  });

  test("whose token endpoint once gave no answer, recovers by itself", { timeout: 120_000 }, async () => {
    platform.isSilent = true;
    const login = { clientId: "33333333-0000-4000-8000-000000000001", isInAzure: true };
    const database = connect(server.port, { login, connectTimeoutSeconds: 12, acquireTimeoutSeconds: 12 });
    const thrown = await refusal(database.ping());
    expect(thrown.reason).toBe("the managed identity got no token: see AZURE_CLIENT_ID");
    platform.isSilent = false;
    await database.ping();
    expect(platform.asked.length).toBeGreaterThan(1);
  });

  test(
    "logs in with one token of the managed identity, fetched once for all connections",
    { timeout: 120_000 },
    async () => {
      const login = { clientId: "11111111-0000-4000-8000-000000000001", isInAzure: true };
      const database = connect(server.port, { login, connectTimeoutSeconds: 10, acquireTimeoutSeconds: 10 });
      await Promise.all(Array.from({ length: 3 }, () => database.ping()));
      vi.unstubAllEnvs();
      expect(server.logins.map(({ token }) => token)).toEqual(Array.from({ length: 3 }, () => `${canary}-token`));
      expect(server.logins[0]?.password).toBe("");
      expect(platform.asked).toHaveLength(1);
      const query = new URL(platform.asked[0] ?? "", "http://localhost").searchParams;
      expect(query.get("resource")).toBe("https://database.windows.net");
      expect(query.get("client_id")).toBe(login.clientId);
    },
  );
});

test("importing the database loads neither the driver nor the identity library", async () => {
  const script = `
    import { registerHooks } from "node:module";
    registerHooks({ resolve(specifier, context, next) { if (/^(tedious|tarn|@azure\\/identity)/.test(specifier)) throw new Error("imports " + specifier); return next(specifier, context); } });
    const { createDatabase } = await import("./shared/platform/database/database.ts");
    createDatabase({ server: ${JSON.stringify({ server: "a", login: {} })}, file: "", migrationsFolder: "" });`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script]);
  expect((await once(child, "exit"))[0]).toBe(0);
});

/** What the platform offers an app with a managed identity: an endpoint that gives tokens. The library keeps its address. */
async function startIdentityPlatform(): Promise<{ status: number; isSilent: boolean; asked: string[] }> {
  const state = { status: 200, isSilent: false, asked: [] as string[] };
  const endpoint = http.createServer((request, response) => {
    state.asked.push(String(request.url));
    if (state.isSilent) return;
    const expiresOn = String(Math.floor(Date.now() / 1000) + 86_400);
    const token = { access_token: `${canary}-token`, expires_on: expiresOn, token_type: "Bearer" };
    response.writeHead(state.status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(state.status === 200 ? token : { error: "invalid_request" }));
  });
  endpoint.listen(0, "127.0.0.1");
  await once(endpoint, "listening");
  afterAll(() => endpoint.close());
  vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${(endpoint.address() as net.AddressInfo).port}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "header");
  return state;
}
