import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { fillCatalog, prepareCatalog, type Beside } from "./catalog.ts";
import type { TdsError, TdsRequest, TdsRows, TransactionChange } from "./messages.ts";
import type { TdsSession } from "./server.ts";
import { alone, readText, type Upsert } from "./text.ts";

const output = / output ((?:"(?:inserted|deleted)"\.(?:"\w+"|\*)(?: as "\w+")?(?:, )?)+)/;
const ledger = / with \(ledger = on \(append_only = on\)\)$/;
const alteredCollation = /^alter table (\w+) alter column (\w+) .* collate (\w+)/;

/** SQL Server's text of the few statements that the service sends, as SQLite says it. */
function toSqlite(sql: string): string {
  const returned = output.exec(sql)?.[1]?.replaceAll(/"(?:inserted|deleted)"\./g, "");
  return (
    limited(sql.replace(output, ""))
      .replace(/^(drop index \w+) on \w+/, "$1")
      .replaceAll(/\bnvarchar\(max\)/g, '"$&"')
      .replace(/ offset (@\d+|0) rows fetch next (@\d+) rows only/, " limit $2 offset $1")
      .replaceAll(/@(\d+)/g, "?$1") + (returned === undefined ? "" : ` returning ${returned}`)
  );
}

/** Puts `top(@1)` of each query at its end, which is the bracket that closes it or the end of the text. */
function limited(sql: string): string {
  const top = /select top\((@\d+)\)/.exec(sql);
  if (!top) return sql;
  const rest = sql.slice(top.index + top[0].length);
  let depth = 0;
  const end = Array.from(rest).findIndex((character) => {
    depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    return depth < 0;
  });
  const query = end < 0 ? rest : rest.slice(0, end);
  return limited(`${sql.slice(0, top.index)}select${query} limit ${top[1]}${rest.slice(query.length)}`);
}

/** What the connections to one database share: the application lock, and what SQLite does not keep of tables. */
interface Shared extends Beside {
  lock: Promise<void>;
}
const databases = new Map<string, Shared>();

/** A session whose data is in an SQLite file: whole flows can so run through the driver. */
export function createSqliteSession(file: string): TdsSession {
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.exec("pragma journal_mode = wal; pragma foreign_keys = on");
  prepareCatalog(database);
  const shared = databases.get(file) ?? {
    lock: Promise.resolve(),
    collations: new Map<string, string>(),
    ledgers: new Set<string>(),
  };
  databases.set(file, shared);
  let unlock = () => {};
  return {
    async before({ sql }) {
      if (!sql.includes("sp_getapplock")) return;
      const earlier = shared.lock;
      const { promise, resolve } = Promise.withResolvers<void>();
      shared.lock = earlier.then(() => promise);
      unlock = resolve;
      await earlier;
    },
    run(request) {
      const transaction: TransactionChange[] = [];
      const change = (kind: TransactionChange) => {
        database.exec(kind);
        transaction.push(kind);
      };
      try {
        return { ...runText({ database, beside: shared, change }, request), transaction };
      } catch (error) {
        return { error: toError(error), transaction };
      } finally {
        if (request.kind === "commit" || request.kind === "rollback") unlock();
      }
    },
    undo() {
      const { isTransaction } = database;
      if (isTransaction) database.exec("rollback");
      return isTransaction;
    },
    close() {
      database.close();
      unlock();
    },
  };
}

const nothing: TdsRows = { columns: [], rows: [] };

interface Running {
  readonly database: DatabaseSync;
  readonly beside: Beside;
  readonly change: (kind: TransactionChange) => void;
}

function runText({ database, beside, change }: Running, { kind, sql, parameters }: TdsRequest): TdsRows {
  if (kind !== "query" && sql === "") {
    change(kind);
    return nothing;
  }
  const { begins, statements, commits, upserts } = readText(sql);
  const run = (statement: string) => runOn(database, beside, alone(statement, parameters));
  if (upserts.length > 0) return upserts.map((one) => runUpsert(one, run, change)).reduce(together);
  if (begins) change("begin");
  let rows = nothing;
  for (const statement of statements) rows = run(statement);
  if (commits) change("commit");
  return rows;
}

/** A write in a transaction of its own. Nobody can insert the row in between here: one session runs at a time. */
function runUpsert(
  { update, insert }: Upsert,
  run: (statement: string) => TdsRows,
  change: (kind: TransactionChange) => void,
): TdsRows {
  change("begin");
  const updated = run(update);
  const rows = updated.rows.length > 0 ? updated : run(insert);
  change("commit");
  return rows;
}

const together = (one: TdsRows, other: TdsRows): TdsRows => ({ ...one, rows: [...one.rows, ...other.rows] });

function runOn(
  database: DatabaseSync,
  { collations, ledgers }: Beside,
  { sql, parameters }: { sql: string; parameters: readonly unknown[] },
): TdsRows {
  if (sql.includes("sp_getapplock")) return { columns: [["result", "int"]], rows: [[0]] };
  const [, object] = /object_id\('(\w+)'\)/.exec(sql) ?? [];
  if (object !== undefined) {
    const [found] = database.prepare("select 1 as id from sqlite_master where name = ?").all(object);
    return { columns: [["id", "int"]], rows: [[found ? 1 : null]] };
  }
  const [, table, column, collation = ""] = alteredCollation.exec(sql) ?? [];
  if (table !== undefined) return collations.set(`${table}.${column}`, collation) && nothing;
  if (sql.includes("sys.tables")) fillCatalog(database, { collations, ledgers });
  if (ledger.test(sql)) ledgers.add(/^create table (\w+)/.exec(sql)?.[1] ?? "");
  const statement = database.prepare(toSqlite(sql.replace(ledger, "")));
  const columns = statement.columns().map(({ name, type }) => [name, (type ?? "").toLowerCase()] as const);
  const values = parameters.map(toValue);
  if (columns.length === 0) return { ...nothing, changes: Number(statement.run(...values).changes) };
  const rows = statement.all(...values).map((row) => columns.map(([name]) => row[name]));
  return { columns: columns.map(([name, type], index) => [name, type || guess(rows[0]?.[index])]), rows };
}

/** The type of an expression, which declares none. */
const guess = (value: unknown) => (typeof value === "string" ? "nvarchar" : "int");

function toValue(value: unknown): SQLInputValue {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "boolean" ? Number(value) : (value as SQLInputValue);
}

function toError(error: unknown): TdsError {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  const number = ({ 2067: 2601, 1555: 2627, 787: 547 } as Record<number, number>)[code] ?? 50000;
  return { number, message: String(error) };
}
