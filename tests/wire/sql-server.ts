import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll } from "vitest";
import { systemClock } from "../../shared/platform/clock.ts";
import { createDatabase, type Database } from "../../shared/platform/database/database.ts";
import { applyMigrations } from "../../shared/platform/database/embedded-migrations.ts";
import { readMigrations } from "../../shared/platform/database/migrations.ts";
import type { SqlServerOptions } from "../../shared/platform/database/sql-server/pool.ts";
import { temporaryFolder } from "../support/service.ts";
import { startTdsServer, type TdsScript, type TdsServer } from "../support/tds/server.ts";
import { createSqliteSession } from "../support/tds/sqlite.ts";

export const canary = "canary-Pa55word-never-printed";

/** Short limits, so that what takes half a minute in production takes a second here. */
export function optionsFor(port: number, options: Partial<SqlServerOptions> = {}): SqlServerOptions {
  return {
    server: "127.0.0.1",
    port,
    database: "latchkey",
    login: { username: "latchkey", password: canary },
    poolMax: 3,
    acquireTimeoutSeconds: 1,
    connectTimeoutSeconds: 1,
    retryBudgetSeconds: 1.5,
    verifyCertificate: false,
    statementTimeoutSeconds: 0.5,
    ...options,
  };
}

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
  const file = path.join(temporaryFolder(), "server.db");
  const database = new DatabaseSync(file);
  applyMigrations(database, readMigrations("sql"), systemClock.now());
  database.exec(sql);
  database.close();
  return Object.assign(await startTdsServer(script, () => createSqliteSession(file)), { file });
}
