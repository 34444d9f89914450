import { existsSync } from "node:fs";
import { Kysely, sql, SqliteDialect, type SqliteDatabase } from "kysely";
import type { Clock } from "../clock.ts";
import { currentBudget, repeatable, withinBudget, withRetry, type Budget } from "./budget.ts";
import { readMigrations } from "./migrations.ts";
import { askSqlServer, openSqlServer } from "./sql-server/dialect.ts";
import { budgetOf, type SqlServerOptions } from "./sql-server/pool.ts";
import { WriteStop } from "./sql-server/write-stop.ts";
import { upsertEach, upsertTogether, type WriteVolatile } from "./volatile.ts";

/** A connection for queries: the pool, or a transaction. A store adds its own tables with `withTables`. */
// eslint-disable-next-line typescript/no-empty-object-type -- no table belongs to the platform
export type Queries = Kysely<{}>;

export interface TransactionOptions {
  /**
   * Whether `work` may run again although its first commit may have gone through: its keys are made outside, and a
   * second run changes nothing. See docs/decisions/0010-lost-commits.md. False unless given.
   */
  readonly isRepeatable?: boolean;
}

/** One run of a transaction's work. */
export interface TransactionRun {
  /** Whether the run before this one may have committed: the answer to its commit was lost. */
  readonly isAfterLostCommit: boolean;
}

/** The service's database, opened at the first query. */
export interface Database {
  /** Queries outside any transaction. */
  readonly queries: Queries;
  /**
   * Runs `work` in a transaction and commits it; an error rolls everything back. After a transient fault all of it runs
   * again, within the retry budget, so `work` must do nothing but query.
   * @throws DatabaseUnavailable if the budget is spent, or the answer to a commit was lost
   */
  transaction<T>(work: (queries: Queries, run: TransactionRun) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Writes rows that a crash may set back by moments. */
  readonly writeVolatile: WriteVolatile;
  /** Runs one call of the service: its queries share one retry budget, so that the caller gets an answer in time. */
  withinBudget<T>(work: () => T): T;
  /** The readiness check: rejects unless the database accepts reads and writes. @throws DatabaseUnavailable */
  ping(): Promise<void>;
  /** Reads one row, which wakes the database up. @throws DatabaseUnavailable */
  wake(): Promise<void>;
  /** Ends the connections. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** The SQL Server to use; without it, the embedded engine. */
  readonly server?: SqlServerOptions | undefined;
  /** The path of the SQLite file. */
  readonly file: string;
  readonly migrationsFolder: string;
  /** For the dates of migrations. */
  readonly clock: Clock;
  /**
   * Runs on the embedded engine after the migrations, each time it is opened: the parts of migrations that are code.
   */
  readonly bringUpToDate?: (queries: Queries) => Promise<unknown>;
  /** Called once, when the database has answered for the first time, so that nothing of this wakes it up. */
  readonly onFirstUse?: () => void;
}

/** Creates the database, on the engine that the options name. */
export function createDatabase(options: DatabaseOptions): Database {
  const { server } = options;
  if (!server)
    return databaseOn(openSqlite(options), {
      budget: () => currentBudget(embeddedBudgetMilliseconds),
      ping: askOne,
      writeVolatile: (_queries, transact) => upsertEach(transact),
    });
  const writeStop = new WriteStop();
  return databaseOn(openSqlServer(server, writeStop, options.onFirstUse), {
    budget: () => budgetOf(server),
    ping: (queries) => askSqlServer(queries, writeStop),
    writeVolatile: upsertTogether,
  });
}

/** How long the embedded engine's transactions are retried: another process may be writing. */
const embeddedBudgetMilliseconds = 5000;

/**
 * The embedded engine migrates itself when it is opened. Production refuses this engine, and elsewhere the application
 * never migrates. A package for production contains no migrations: on this engine it uses the schema as it is.
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
      options.onFirstUse?.();
      return bridge(database);
    },
  });
  return new Kysely<object>({ dialect });
}

/** Queries on an open embedded database. */
export function queriesOn(database: SqliteDatabase): Queries {
  return new Kysely<object>({ dialect: new SqliteDialect({ database }) });
}

interface Engine {
  readonly budget: () => Budget;
  readonly ping: (queries: Queries) => Promise<void>;
  readonly writeVolatile: (queries: Queries, transact: Database["transaction"]) => WriteVolatile;
}

function databaseOn(queries: Queries, { budget, ping, writeVolatile }: Engine): Database {
  const within = <T>(work: () => T): T => withinBudget(budget(), work);
  const transaction: Database["transaction"] = (work, { isRepeatable = false } = {}) => {
    let isAfterLostCommit = false;
    return within(() =>
      withRetry(
        budget(),
        () => queries.transaction().execute((begun) => work(begun, { isAfterLostCommit })),
        (error) => {
          isAfterLostCommit = error.isEffectUnknown;
          return isRepeatable || !error.isEffectUnknown;
        },
      ),
    );
  };
  return {
    queries,
    transaction,
    writeVolatile: writeVolatile(queries, transaction),
    withinBudget: within,
    ping: () => ping(queries),
    wake: () => askOne(queries),
    close: () => queries.destroy(),
  };
}

async function askOne(queries: Queries): Promise<void> {
  await repeatable(() => sql`select 1 as one`.execute(queries));
}
