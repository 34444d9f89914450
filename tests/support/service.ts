import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { loadConfig } from "../../shared/platform/config.ts";
import { createServices, provideServices, type Services } from "../../shared/services.ts";
import { provideFunctionsCore } from "../../tools/local-host/functions-core.ts";
import type { HostJson } from "../../tools/local-host/host-json.ts";
import { startLocalHost } from "../../tools/local-host/host.ts";
import { createApi, type Api } from "./api.ts";
import { createTestClock, type TestClock } from "./clock.ts";

/** The service as a test sees it: over HTTP, on a database of its own, at a time of the test's choosing. */
export interface TestService {
  readonly api: Api;
  readonly url: string;
  readonly services: Services;
  readonly clock: TestClock;
  /** The lines that the service has logged so far. */
  readonly logLines: string[];
}

export const testSecretKey = "test-only-6f1d0c8e5b7a49d2a3c4e5f60718293a";

/** Settings of tests: cheap hashing, since what is tested is hardly ever the cost. */
export const testSettings = {
  SECRET_KEY: testSecretKey,
  ISSUER: "http://localhost:7071",
  FRONTEND_URL: "http://localhost:3000",
  ARGON2_MEMORY_KIB: "64",
  ARGON2_ITERATIONS: "1",
};

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Imports every function file once. */
export async function loadFunctions(): Promise<void> {
  for (const file of globSync("functions/**/*.ts").toSorted()) await import(path.resolve(file));
}

/** Services on a database of their own, without a host. */
export function createTestServices(settings: Record<string, string> = {}): {
  services: Services;
  clock: TestClock;
} {
  const file = path.join(temporaryFolder(), "latchkey.db");
  const clock = createTestClock();
  const services = createServices(loadConfig({ ...testSettings, EMBEDDED_DB_FILE: file, ...settings }), clock);
  afterAll(() => services.close());
  return { services, clock };
}

/** Starts the service on the local host, with real HTTP, and ends it after the tests of the file. */
export async function startService(settings: Record<string, string> = {}): Promise<TestService> {
  const { services, clock } = createTestServices(settings);
  provideServices(services);
  await loadFunctions();
  const logLines: string[] = [];
  const hostJson = JSON.parse(readFileSync("host.json", "utf8")) as HostJson;
  const host = await startLocalHost({
    registry: provideFunctionsCore(),
    hostJson,
    port: 0,
    appendPeer: true,
    timers: false,
    log: (line) => logLines.push(line),
  });
  afterAll(() => host.close());
  return { api: createApi(host.url), url: host.url, services, clock, logLines };
}
