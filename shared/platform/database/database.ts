import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, sql, SqliteDialect } from "kysely";
import type { Clock } from "../clock.ts";
import { DatabaseUnavailable } from "./errors.ts";
import { readMigrations } from "./migrations.ts";

/** A way to query: the pool, or one transaction. A store adds the tables that it owns with `withTables`. */
// eslint-disable-next-line typescript/no-empty-object-type -- no table belongs to the platform
export type Queries = Kysely<{}>;

/** The database of the service, opened at the first query. */
export interface Database {
  /** Queries of their own, outside any transaction. */
  readonly queries: Queries;
  /**
   * Runs `work` in one transaction and commits it; what it throws rolls everything back.
   * A transient fault runs all of it again, within the retry budget: `work` must do nothing but query.
   * @throws DatabaseUnavailable when the budget is spent
   */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Asks the database for one row: the readiness check. @throws DatabaseUnavailable */
  ping(): Promise<void>;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** How long a transaction is tried again after transient faults, in milliseconds. */
const retryBudgetMilliseconds = 5000;

/**
 * The embedded engine, which brings its own schema up to date when it is opened: production refuses it, and there the
 * application never migrates. The SQL Server engine takes its place here and differs by the dialect alone.
 * @param options the path of the SQLite file, the folder of the migrations, and the clock that dates them
 */
export function createDatabase(options: { file: string; migrationsFolder: string; clock: Clock }): Database {
  const dialect = new SqliteDialect({
    database: async () => {
      const { bridge, openEmbedded } = await import("./embedded.ts");
      const { applyMigrations } = await import("./embedded-migrations.ts");
      const migrations = readMigrations(options.migrationsFolder);
      const database = openEmbedded(options.file);
      try {
        applyMigrations(database, migrations, options.clock.now());
      } catch (error) {
        database.close();
        throw error;
      }
      return bridge(database);
    },
  });
  return databaseOn(new Kysely<object>({ dialect }));
}

function databaseOn(queries: Queries): Database {
  return {
    queries,
    transaction: (work) => withRetry(() => queries.transaction().execute(work)),
    ping: async () => void (await sql`select 1 as one`.execute(queries)),
    close: () => queries.destroy(),
  };
}

async function withRetry<T>(attempt: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  for (let pauseMilliseconds = 50; ; pauseMilliseconds *= 2) {
    try {
      return await attempt();
    } catch (error) {
      const spentMilliseconds = performance.now() - startedAt + pauseMilliseconds;
      const isWorthIt =
        error instanceof DatabaseUnavailable && error.isTransient && spentMilliseconds < retryBudgetMilliseconds;
      if (!isWorthIt) throw error;
      // Full jitter, so that callers who failed together do not come back together.
      await sleep(Math.random() * pauseMilliseconds);
    }
  }
}
