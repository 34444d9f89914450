import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadConfig } from "../../shared/config.ts";
import { createServices, provideServices, type Services } from "../../shared/services.ts";
import { expect } from "vitest";
import { findFreePort } from "../../tools/free-port.ts";
import { provideFunctionsCore } from "../../tools/local-host/functions-core.ts";
import type { HostJson } from "../../tools/local-host/host-json.ts";
import { startLocalHost } from "../../tools/local-host/host.ts";
import { createApi, type Api } from "./api.ts";
import { createTestClock, type TestClock } from "./clock.ts";
import { freshDatabase, type DatabaseSettings } from "./database.ts";
import { noteUndeclared } from "./declared-events.ts";
import { testSettings } from "./settings.ts";
import { whenDone } from "./when-done.ts";

/** The service as a test sees it: over HTTP, on a database of its own, at a time of the test's choosing. */
export interface TestService extends TestServices {
  readonly api: Api;
  readonly url: string;
  /** The lines that the service has logged so far. */
  readonly logLines: string[];
}

/** Imports every function file once. */
export async function loadFunctions(): Promise<void> {
  for (const file of globSync("functions/**/*.ts").toSorted()) await import(path.resolve(file));
}

export interface TestServices {
  readonly services: Services;
  readonly clock: TestClock;
  /** The settings that name the database, for another instance on it. */
  readonly database: DatabaseSettings;
}

/** Services on a database of their own, or on the one given, without a host. They are closed when done. */
export async function createTestServices(
  settings: Record<string, string> = {},
  given?: DatabaseSettings,
): Promise<TestServices> {
  const database = given ?? (await freshDatabase());
  const clock = createTestClock();
  const services = createServices(loadConfig({ ...testSettings, ...database, ...settings }), clock);
  whenDone(() => services.close());
  return { services, clock, database };
}

/** Chooses where a service will answer, for those who must know before it starts. @returns its URL, and the settings that put it there */
export async function chooseAddress(): Promise<{ readonly url: string; readonly settings: Record<string, string> }> {
  const port = String(await findFreePort());
  const url = `http://localhost:${port}`;
  return { url, settings: { PORT: port, ISSUER: url } };
}

/** Starts the service on the local host, with real HTTP, on any port unless PORT is set, and ends it after the tests of the file. */
export async function startService(settings: Record<string, string> = {}): Promise<TestService> {
  const { services, clock, database } = await createTestServices(settings);
  provideServices(services);
  await loadFunctions();
  const logLines: string[] = [];
  const undeclared = new Set<string>();
  whenDone(() => expect([...undeclared], "audit events that no declaration names").toEqual([]));
  const hostJson = JSON.parse(readFileSync("host.json", "utf8")) as HostJson;
  const host = await startLocalHost({
    registry: provideFunctionsCore(),
    hostJson,
    port: Number(settings["PORT"] ?? 0),
    appendPeer: true,
    timers: false,
    // On a busy machine a request would meet a connection that the host is just closing.
    keepAliveMs: 600_000,
    log: (line) => {
      logLines.push(line);
      noteUndeclared(line, undeclared);
    },
  });
  whenDone(() => host.close());
  return { api: createApi(host.url), url: host.url, services, clock, database, logLines };
}

/** Answers with other settings from here on, until the test is done. */
export function withSettings({ services, database, clock }: TestServices, settings: Record<string, string>): void {
  const others = createServices(loadConfig({ ...testSettings, ...database, ...settings }), clock);
  provideServices(others);
  whenDone(async () => {
    provideServices(services);
    await others.close();
  });
}
