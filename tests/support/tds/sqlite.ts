import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { TdsError, TdsRequest, TdsRows } from "./messages.ts";
import type { TdsSession } from "./server.ts";

const output = / output ((?:"(?:inserted|deleted)"\.(?:"\w+"|\*)(?: as "\w+")?(?:, )?)+)/;

/** SQL Server's text of the few statements that the service sends, as SQLite says it. */
function toSqlite(sql: string): string {
  const returned = output.exec(sql)?.[1]?.replaceAll(/"(?:inserted|deleted)"\./g, "");
  const top = /^select top\((@\d+)\)/.exec(sql)?.[1];
  return (
    sql
      .replace(output, "")
      .replace(/^select top\(@\d+\)/, "select")
      .replace(/ offset (@\d+|0) rows fetch next (@\d+) rows only/, " limit $2 offset $1")
      .replaceAll(/@(\d+)/g, "?$1") +
    (returned === undefined ? "" : ` returning ${returned}`) +
    (top === undefined ? "" : ` limit ${top.replace("@", "?")}`)
  );
}

/** A session whose data is in an SQLite file: whole flows can so run through the driver. */
export function createSqliteSession(file: string): TdsSession {
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.exec("pragma journal_mode = wal; pragma foreign_keys = on");
  return {
    run(request) {
      try {
        return runOn(database, request);
      } catch (error) {
        return { error: toError(error) };
      }
    },
    close: () => database.close(),
  };
}

function runOn(database: DatabaseSync, { kind, sql, parameters }: TdsRequest): TdsRows {
  if (kind !== "query") {
    database.exec(kind === "begin" ? "begin immediate" : kind);
    return { columns: [], rows: [] };
  }
  if (sql.includes("databasepropertyex")) return { columns: [["state", "nvarchar(20)"]], rows: [["READ_WRITE"]] };
  const statement = database.prepare(toSqlite(sql));
  const columns = statement.columns().map(({ name, type }) => [name, (type ?? "int").toLowerCase()] as const);
  const values = parameters.map(toValue);
  if (columns.length === 0) return { columns: [], rows: [], changes: Number(statement.run(...values).changes) };
  const rows = statement.all(...values).map((row) => columns.map(([name]) => row[name]));
  return { columns, rows };
}

function toValue(value: unknown): SQLInputValue {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "boolean" ? Number(value) : (value as SQLInputValue);
}

function toError(error: unknown): TdsError {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  const number = ({ 2067: 2601, 1555: 2627, 787: 547 } as Record<number, number>)[code] ?? 50000;
  return { number, message: String(error) };
}
