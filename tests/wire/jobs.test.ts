import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../shared/config.ts";
import { createServices, provideServices } from "../../shared/services.ts";
import { createTestClock } from "../support/clock.ts";
import { runTimer } from "../support/jobs.ts";
import { loadFunctions } from "../support/service.ts";
import { testSettings } from "../support/settings.ts";
import { canary, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
await loadFunctions();
const settings = {
  ...testSettings,
  DB_SERVER: "127.0.0.1",
  DB_PORT: String(server.port),
  DB_DATABASE: "latchkey",
  DB_USERNAME: "latchkey",
  DB_PASSWORD: canary,
  DB_CONNECT_TIMEOUT_SECONDS: "1",
  DB_RETRY_BUDGET_SECONDS: "1",
};
const services = createServices(loadConfig(settings), createTestClock());
provideServices(services);

afterAll(() => services.close());

describe("a job on SQL Server", () => {
  test("waits for a database that is asleep for longer than any caller would, then does its work", async () => {
    const asleep = { error: { number: 40613, message: "Database 'latchkey' is not currently available." } } as const;
    const startedAt = performance.now();
    server.script.login = () => (performance.now() - startedAt < 4000 ? asleep : "accept");
    const lines = await runTimer("purge-expired");
    expect(lines.at(-1)).toMatchObject({ event: "job.finished", expired: 0, batches: 1 });
    expect(performance.now() - startedAt).toBeGreaterThan(4000);
    expect(JSON.stringify(lines)).not.toContain(canary);
  });
});
