import { beforeEach, describe, expect, test, vi } from "vitest";
import { startTdsServer } from "../support/tds/test-server.ts";
import { refusal, timed, watched } from "./sql-server.ts";

const server = await startTdsServer();
const connect = watched(server);

beforeEach(() => {
  server.peak = 0;
});

describe("the pool", () => {
  test("opens nothing before the first query, never more than its limit, and closes all when it is told to", async () => {
    const database = connect(server.port, { acquireTimeoutSeconds: 60 });
    expect(server.connections.size).toBe(0);
    await Promise.all(Array.from({ length: 30 }, () => database.ping()));
    expect([server.peak, server.connections.size]).toEqual([3, 3]);
    await database.close();
    await vi.waitFor(() => expect(server.connections.size).toBe(0), 60_000);
  });

  test("whose connections all stay in use, makes a caller wait for so long and no longer", async () => {
    // Not for the whole budget: another try would wait at the end of the queue.
    const database = connect(server.port, { poolMax: 1, acquireTimeoutSeconds: 1, retryBudgetSeconds: 10 });
    const hold = database.transaction(() => new Promise((resolve) => setTimeout(resolve, 2500)));
    const [thrown, milliseconds] = await timed(() => refusal(database.ping()));
    expect(thrown.reason).toBe("every connection of the pool stayed in use: see DB_POOL_MAX");
    expect([thrown.options.retryAfterSeconds, milliseconds < 2000]).toEqual([5, true]);
    await hold;
  });

  test("closes a connection whose login ended after everybody had given up", async () => {
    server.script.login = async () => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      return "accept" as const;
    };
    const database = connect(server.port, {
      idleTimeoutSeconds: 0.2,
      acquireTimeoutSeconds: 0.3,
      connectTimeoutSeconds: 2,
      retryBudgetSeconds: 0.1,
    });
    await refusal(database.ping());
    await vi.waitFor(() => expect(server.logins.length).toBeGreaterThan(0), 60_000);
    await vi.waitFor(() => expect(server.connections.size).toBe(0), 60_000);
    server.script = {};
    await database.close();
  });

  test("closes what is idle, so that a serverless database can sleep", async () => {
    const database = connect(server.port, { idleTimeoutSeconds: 0.2 });
    await database.ping();
    expect(server.connections.size).toBe(1);
    await vi.waitFor(() => expect(server.connections.size).toBe(0), 60_000);
    await database.ping();
    await database.close();
  });

  test(
    "whose idle connections have died in silence, asks one of them and gives all of them up",
    { timeout: 120_000 },
    async () => {
      const database = connect(server.port, { retryBudgetSeconds: 5, acquireTimeoutSeconds: 4 });
      await Promise.all(Array.from({ length: 3 }, () => database.ping()));
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const dead = new Set(server.connections);
      server.requests.length = 0;
      // What is already connected is never answered again; what comes anew is.
      for (const socket of dead) socket.pause();
      const startedAt = performance.now();
      await database.ping();
      expect(performance.now() - startedAt).toBeLessThan(3000);
      dead.forEach((socket) => socket.destroy());
      await database.close();
    },
  );
});
