import { existsSync } from "node:fs";
import { Kysely, sql, SqliteDialect, type SqliteDatabase } from "kysely";
import type { Clock } from "../clock.ts";
import { currentBudget, repeatable, withinBudget, withRetry, type Budget } from "./budget.ts";
import { readMigrations } from "./migrations.ts";
import { askSqlServer, openSqlServer } from "./sql-server/dialect.ts";
import { budgetOf, type SqlServerOptions } from "./sql-server/pool.ts";
import { WriteStop } from "./sql-server/write-stop.ts";

/** A way to query: the pool, or one transaction. A store adds the tables that it owns with `withTables`. */
// eslint-disable-next-line typescript/no-empty-object-type -- no table belongs to the platform
export type Queries = Kysely<{}>;

export interface TransactionOptions {
  /**
   * Whether `work` may run again although its first commit may have been taken: its keys are made outside, and a second
   * run leaves what the first has done. See docs/decisions/0010-lost-commits.md. False unless given.
   */
  readonly isRepeatable?: boolean;
}

/** One run of a transaction's work. */
export interface TransactionRun {
  /** Whether an earlier run may have been committed: the answer to its commit was lost. */
  readonly mayHaveCommitted: boolean;
}

/** The database of the service, opened at the first query. */
export interface Database {
  /** Queries of their own, outside any transaction. */
  readonly queries: Queries;
  /**
   * Runs `work` in one transaction and commits it; what it throws rolls everything back.
   * A transient fault runs all of it again, within the retry budget: `work` must do nothing but query.
   * @throws DatabaseUnavailable when the budget is spent, or when the answer to a commit was lost
   */
  transaction<T>(work: (queries: Queries, run: TransactionRun) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs one call of the service: all its queries share one retry budget, so that its caller has an answer in time. */
  withinBudget<T>(work: () => T): T;
  /** Whether the database takes reads and writes: the readiness check. @throws DatabaseUnavailable */
  ping(): Promise<void>;
  /** Asks the database for one row, and so wakes it up. @throws DatabaseUnavailable */
  wake(): Promise<void>;
  /** Ends the connections. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** The SQL Server to use; the embedded engine unless given. */
  readonly server?: SqlServerOptions | undefined;
  /** The path of the SQLite file. */
  readonly file: string;
  readonly migrationsFolder: string;
  /** Dates the migrations. */
  readonly clock: Clock;
  /** What the embedded engine does after them, each time it is opened: the steps of migrations that are code. */
  readonly bringUpToDate?: (queries: Queries) => Promise<unknown>;
}

/** How long the embedded engine's transactions are tried again: another process may be writing. */
const embeddedBudgetMilliseconds = 5000;

/** The database, by whichever engine the options name. */
export function createDatabase(options: DatabaseOptions): Database {
  const { server } = options;
  if (!server)
    return databaseOn(openSqlite(options), { budget: () => currentBudget(embeddedBudgetMilliseconds), ping: askOne });
  const writeStop = new WriteStop();
  return databaseOn(openSqlServer(server, writeStop), {
    budget: () => budgetOf(server),
    ping: (queries) => askSqlServer(queries, writeStop),
  });
}

/**
 * The embedded engine, which brings its own schema up to date when it is opened: production refuses it, and there the
 * application never migrates. A package for production has no migrations: on this engine it takes the schema as it is.
 */
function openSqlite(options: DatabaseOptions): Queries {
  const dialect = new SqliteDialect({
    database: async () => {
      const { bridge, openEmbedded } = await import("./embedded.ts");
      const { applyMigrations } = await import("./embedded-migrations.ts");
      const migrations = existsSync(options.migrationsFolder) ? readMigrations(options.migrationsFolder) : undefined;
      const database = openEmbedded(options.file);
      try {
        if (migrations) {
          applyMigrations(database, migrations, options.clock.now());
          await options.bringUpToDate?.(queriesOn(bridge(database)));
        }
      } catch (error) {
        database.close();
        throw error;
      }
      return bridge(database);
    },
  });
  return new Kysely<object>({ dialect });
}

/** The queries on an embedded database that is open. */
export function queriesOn(database: SqliteDatabase): Queries {
  return new Kysely<object>({ dialect: new SqliteDialect({ database }) });
}

interface Engine {
  readonly budget: () => Budget;
  readonly ping: (queries: Queries) => Promise<void>;
}

function databaseOn(queries: Queries, { budget, ping }: Engine): Database {
  const within = <T>(work: () => T): T => withinBudget(budget(), work);
  return {
    queries,
    transaction: (work, { isRepeatable = false } = {}) => {
      let mayHaveCommitted = false;
      return within(() =>
        withRetry(
          budget(),
          () => queries.transaction().execute((transaction) => work(transaction, { mayHaveCommitted })),
          (error) => {
            mayHaveCommitted ||= error.isEffectUnknown;
            return isRepeatable || !error.isEffectUnknown;
          },
        ),
      );
    },
    withinBudget: within,
    ping: () => ping(queries),
    wake: () => askOne(queries),
    close: () => queries.destroy(),
  };
}

async function askOne(queries: Queries): Promise<void> {
  await repeatable(() => sql`select 1 as one`.execute(queries));
}
