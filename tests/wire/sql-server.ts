import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeEach, expect, vi } from "vitest";
import { systemClock } from "../../shared/platform/clock.ts";
import { DatabaseUnavailable } from "../../shared/platform/database/errors.ts";
import { createDatabase, type Database } from "../../shared/platform/database/database.ts";
import type { SqlServerOptions } from "../../shared/platform/database/sql-server/pool.ts";
import { copyMigrated } from "../support/database.ts";
import { databaseFolder } from "../support/folder.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import type { TdsAnswer, TdsScript, TdsServer } from "../support/tds/server.ts";
import { createSqliteSession } from "../support/tds/sqlite.ts";
import { startTdsServer } from "../support/tds/test-server.ts";

export const canary = "canary-Pa55word-never-printed";

/** Limits of tests that wait for them, so that what takes half a minute in production takes a second here. */
export const impatient = { acquireTimeoutSeconds: 1, connectTimeoutSeconds: 1 } as const;

/** Options whose connections are made in time on a busy machine too; a test that waits for a limit is `impatient`. */
export function optionsFor(port: number, options: Partial<SqlServerOptions> = {}): SqlServerOptions {
  return {
    server: "127.0.0.1",
    port,
    database: "latchkey",
    login: { username: "latchkey", password: canary },
    poolMax: 3,
    acquireTimeoutSeconds: 10,
    connectTimeoutSeconds: 10,
    retryBudgetSeconds: 1.5,
    verifyCertificate: false,
    statementTimeoutSeconds: 0.5,
    ...options,
  };
}

/** The service's settings for a server at this port, with short limits. */
export function settingsFor(port: number) {
  return {
    DB_SERVER: "127.0.0.1",
    DB_PORT: String(port),
    DB_DATABASE: "latchkey",
    DB_USERNAME: "latchkey",
    DB_PASSWORD: canary,
    DB_ACQUIRE_TIMEOUT_SECONDS: "10",
    DB_CONNECT_TIMEOUT_SECONDS: "10",
    DB_RETRY_BUDGET_SECONDS: "2",
  };
}

/** Answers the first request that fits as `reply` says, all others as they should be. */
export function once(
  { script }: TdsServer,
  fits: (request: TdsRequest) => boolean,
  reply: (run: () => TdsAnswer) => TdsAnswer,
): void {
  let isSpent = false;
  script.request = (request, run) => {
    if (isSpent || !fits(request)) return run();
    isSpent = true;
    return reply(run);
  };
}

/** Whether one of the statements of a request begins so. */
export const starts =
  (text: string) =>
  ({ statements }: TdsRequest): boolean =>
    statements.some((statement) => statement.startsWith(text));

/** What a call asks the server. What is read beside calls, whichever of them begins it, is not among that. */
export async function requestsOf(server: TdsServer, call: () => Promise<unknown>): Promise<TdsRequest[]> {
  const before = server.requests.length;
  await call();
  return server.requests.slice(before).filter(({ sql }) => !sql.includes('from "address_rules"'));
}

/** What the server was asked to do, one step after the other, whichever travelled together. */
export function stepsOf({ requests }: TdsServer): string[] {
  return requests.flatMap(({ kind, statements, sql }) => [
    ...(sql.startsWith("begin transaction") ? ["begin"] : []),
    ...statements,
    ...(kind === "commit" || kind === "rollback" ? [kind] : []),
  ]);
}

export const lostAnswers = [
  ["before it was taken", () => "drop"],
  ["after it was taken", (run: () => TdsAnswer) => (run(), "drop")],
] as const satisfies readonly (readonly [string, (run: () => TdsAnswer) => TdsAnswer])[];

/** The service's database on a server at this port, closed after the tests of the file. */
export function connectTo(port: number, options: Partial<SqlServerOptions> = {}): Database {
  const database = createDatabase({
    server: optionsFor(port, options),
    file: "",
    migrationsFolder: "",
    clock: systemClock,
  });
  afterAll(() => database.close());
  return database;
}

/** A scripted server whose statements run on SQLite, with the service's tables and those of `sql`. */
export async function startServerWithData(script: TdsScript = {}, sql = ""): Promise<TdsServer & { file: string }> {
  const file = path.join(databaseFolder(), "server.db");
  await copyMigrated(file);
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
  return Object.assign(await startTdsServer(script, () => createSqliteSession(file)), { file });
}

/** What `work` is refused with: a 503, in which no secret is to be found, however deep one looks. */
export async function refusal(work: Promise<unknown>): Promise<DatabaseUnavailable> {
  const thrown: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(thrown).toBeInstanceOf(DatabaseUnavailable);
  expect(inspect(thrown, { depth: 12, showHidden: true })).not.toContain(canary);
  return thrown as DatabaseUnavailable;
}

/** What `work` gives, and how many milliseconds it took. */
export async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now();
  return [await work(), performance.now() - startedAt];
}

/**
 * Connects to `server` from a test. After each test the connections end, and nothing secret must have been printed by it.
 */
export function watched(server: TdsServer): (port?: number, options?: Partial<SqlServerOptions>) => Database {
  const printed: string[] = [];
  const opened: Database[] = [];
  beforeEach(() => {
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    if (printed.splice(0).join("").includes(canary)) throw new Error("a secret was printed");
    await Promise.all(opened.splice(0).map((database) => database.close()));
    server.dropAll();
    await vi.waitUntil(() => server.connections.size === 0);
  });
  return (port = server.port, options = {}) => {
    const database = connectTo(port, options);
    opened.push(database);
    return database;
  };
}
