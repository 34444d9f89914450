import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { DatabaseUnavailable, DuplicateKeyError } from "./errors.ts";
import { pendingMigrations, readMigrations, type AppliedMigration, type Migration } from "./migrations.ts";

/** How long a statement waits for another process that is writing. The wait blocks the event loop, so it is short. */
const busyTimeoutMilliseconds = 1000;

/** Prepared statements kept per connection: more than the service has queries. */
const statementCacheSize = 200;

/**
 * Opens the embedded database, SQLite as built into Node, and brings its schema up to date.
 * @param file path of the database, made with its folder when missing; `:memory:` for one that ends with the process
 * @param migrationsFolder the folder of the numbered SQL files
 * @returns what Kysely's SqliteDialect drives; values are those that SQL Server's driver gives (`Date`, `boolean`, `Buffer`)
 * @throws DatabaseUnavailable when the file cannot be used; Error when the migrations do not fit it
 */
export function openEmbedded(file: string, migrationsFolder: string): SqliteDatabase {
  const migrations = readMigrations(migrationsFolder);
  const database = guarded(() => openFile(file));
  try {
    applyMigrations(database, migrations);
  } catch (error) {
    database.close();
    throw error;
  }
  return bridge(database);
}

function openFile(file: string): DatabaseSync {
  if (file !== ":memory:") mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const database = new DatabaseSync(file, { timeout: busyTimeoutMilliseconds });
  database.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on");
  return database;
}

/** Applies what is pending, one transaction per file; a process that starts at the same time waits, then finds it done. */
function applyMigrations(database: DatabaseSync, migrations: readonly Migration[]): string[] {
  const table =
    "create table if not exists schema_migrations (name nvarchar(200) not null primary key, checksum char(64) not null, applied_at datetime2(3) not null)";
  guarded(() => database.exec(table));
  const pending = () =>
    pendingMigrations(
      migrations,
      database.prepare("select name, checksum from schema_migrations").all() as unknown as AppliedMigration[],
    );
  const applied: string[] = [];
  while (pending().length > 0) {
    guarded(() => database.exec("begin immediate"));
    try {
      const [next] = pending();
      if (next) {
        database.exec(next.text);
        database
          .prepare("insert into schema_migrations values (?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'))")
          .run(next.name, next.checksum);
        applied.push(next.name);
      }
      database.exec("commit");
    } catch (error) {
      database.exec("rollback");
      throw new Error(`A migration failed: ${error instanceof Error ? error.message : "unknown cause"}`, {
        cause: error,
      });
    }
  }
  return applied;
}

/** The part of better-sqlite3's interface that Kysely asks for, over `node:sqlite`. */
function bridge(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      // Kysely begins transactions with a plain "begin"; a later upgrade to a writing one could fail at once.
      const statement = guarded(() => bridgeStatement(database.prepare(sql === "begin" ? "begin immediate" : sql)));
      if (statements.size >= statementCacheSize) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
  };
}

function bridgeStatement(statement: StatementSync): SqliteStatement {
  const columns = statement.columns().map(({ name, type }) => [name, readerFor(type)] as const);
  const readRow = (row: Record<string, unknown>) => {
    const values: Record<string, unknown> = {};
    for (const [name, read] of columns) values[name] = row[name] === null ? null : read(row[name]);
    return values;
  };
  return {
    reader: columns.length > 0,
    all: (parameters) => guarded(() => statement.all(...parameters.map(toSqlite)).map(readRow)),
    run: (parameters) => guarded(() => statement.run(...parameters.map(toSqlite))),
    *iterate(parameters) {
      for (const row of statement.iterate(...parameters.map(toSqlite))) yield readRow(row);
    },
  };
}

/** How a column's value is read, by its declared type; an expression has none and stays as it is. */
function readerFor(declaredType: string | null): (value: unknown) => unknown {
  if (declaredType === "bit") return (value) => value === 1;
  if (declaredType?.startsWith("datetime2")) return (value) => new Date(String(value));
  if (declaredType?.startsWith("varbinary"))
    return (value) =>
      value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
  return (value) => value;
}

function toSqlite(value: unknown): SQLInputValue {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "boolean") return value ? 1 : 0;
  return value as SQLInputValue;
}

const duplicateKey = new Set([2067, 1555]);
const busy = new Set([5, 6]);
/** read-only, I/O error, corrupt, full, cannot open, not a database: SQLite's primary result codes. */
const unusable = new Set([8, 10, 11, 13, 14, 26]);

/** Runs `work`; what SQLite reports comes out as the errors that both engines share. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
    const isFileFault = error instanceof Error && "syscall" in error;
    if (duplicateKey.has(code)) throw new DuplicateKeyError("duplicate key", { cause: error });
    if (busy.has(code & 0xff)) throw new DatabaseUnavailable(error, { isTransient: true });
    if (unusable.has(code & 0xff) || isFileFault) throw new DatabaseUnavailable(error, { isTransient: false });
    throw error;
  }
}
