import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";
import { guarded } from "./sqlite-errors.ts";

/**
 * Opens the embedded database, the SQLite built into Node.
 * @param file path of the database; created with its folder if missing
 * @throws DatabaseUnavailable if the file cannot be used
 */
export function openEmbedded(file: string): DatabaseSync {
  return guarded(() => {
    // It contains password hashes, so only its owner may read it.
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(file, { timeout: busyTimeoutMilliseconds });
    database.exec(`pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; ${forLargeFiles}`);
    return database;
  });
}

/** How long a statement waits for another process that is writing. Short, because the wait blocks the event loop. */
const busyTimeoutMilliseconds = 250;

/**
 * A file larger than SQLite's cache is read from the system's cache without a copy, and its write-ahead log is written
 * back at 40 MB instead of 4. Both halve what refreshes lose with a million people (docs/performance.md).
 */
const forLargeFiles = "pragma mmap_size = 2147418112; pragma wal_autocheckpoint = 10000";

/** Prepared statements per connection: more than the service has queries. */
const statementCacheSize = 200;

/**
 * The part of better-sqlite3's interface that Kysely needs, on top of `node:sqlite`. Values come out as from SQL
 * Server's driver: `Date`, `boolean`, `Buffer`.
 */
export function bridge(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      // Kysely begins transactions with a plain "begin"; upgrading that to a write later could fail at once.
      const statement = guarded(() => bridgeStatement(database.prepare(sql === "begin" ? "begin immediate" : sql)));
      if (statements.size >= statementCacheSize) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
  };
}

function bridgeStatement(statement: StatementSync): SqliteStatement {
  const columns = statement.columns().map(({ name, type }) => [name, readerFor(type)] as const);
  // Lists: objects of Node's own making take a quarter longer, and `readRow` makes another one of each.
  statement.setReturnArrays(true);
  const readRow = (row: unknown) => {
    const stored = row as readonly unknown[];
    const values: Record<string, unknown> = {};
    let place = 0;
    for (const [name, read] of columns) {
      const value = stored[place];
      values[name] = value === null ? null : read(value);
      place += 1;
    }
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

/** The reader for a column's declared type; expressions have none, and their values stay as they are. */
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
