import type { DatabaseSync } from "node:sqlite";

/** SQL Server's catalogue views, as far as the service asks them, in a schema of their own beside the tables. */
const views = `
  create table sys.tables (object_id int, name nvarchar(128), is_ms_shipped bit);
  create table sys.types (user_type_id int, name nvarchar(128));
  create table sys.columns (object_id int, column_id int, name nvarchar(128), user_type_id int, max_length int,
    scale int, is_nullable bit, collation_name nvarchar(128), generated_always_type int);
  create table sys.indexes (object_id int, index_id int, name nvarchar(128), is_primary_key bit, is_unique_constraint bit, is_unique bit, has_filter bit);
  create table sys.index_columns (object_id int, index_id int, column_id int, key_ordinal int, is_included_column bit);
  create table sys.foreign_key_columns (parent_object_id int, parent_column_id int, referenced_object_id int,
    referenced_column_id int);`;

const collation = "SQL_Latin1_General_CP1_CI_AS";

/** Makes the functions and the place of the catalogue known to a connection. */
export function prepareCatalog(database: DatabaseSync): void {
  database.exec(`attach ':memory:' as sys; ${views}`);
  database.function("db_name", () => "latchkey");
  database.function("databasepropertyex", (_name, property) => (property === "Collation" ? collation : "READ_WRITE"));
}

/** What SQL Server knows of tables and SQLite does not. */
export interface Beside {
  /** By `table.column`. */
  readonly collations: Map<string, string>;
  /** The tables that are ledgers. */
  readonly ledgers: Set<string>;
}

/** Writes into the catalogue what the database has now. */
export function fillCatalog(database: DatabaseSync, { collations, ledgers }: Beside): void {
  const put = (view: string, ...values: (string | number | null)[]) =>
    database.prepare(`insert into sys.${view} values (${values.map(() => "?").join(", ")})`).run(...values);
  const ask = (text: string, ...values: string[]) => database.prepare(text).all(...values);
  for (const view of ["tables", "types", "columns", "indexes", "index_columns", "foreign_key_columns"])
    database.exec(`delete from sys.${view}`);
  const tables = ask("select name from main.sqlite_master where type = 'table'").map(({ name }) => String(name));
  const types: string[] = [];
  for (const [id, table] of tables.entries()) {
    put("tables", id, table, 0);
    const columns = ask(
      'select cid, name, lower(type) as type, "notnull" as required from pragma_table_info(?)',
      table,
    );
    for (const { cid, name, type, required } of columns) {
      const [, base = "", size] = /^(\w+)(?:\((\d+)\))?/.exec(String(type)) ?? [];
      if (!types.includes(base)) put("types", types.push(base) - 1, base);
      const isText = base.endsWith("char");
      const isMax = String(type).endsWith("(max)");
      const length = isMax ? -1 : Number(size ?? 8) * (base === "nvarchar" ? 2 : 1);
      const own = collations.get(`${table}.${String(name)}`) ?? (isText ? collation : null);
      const typeId = types.indexOf(base);
      put(
        "columns",
        id,
        Number(cid),
        String(name),
        typeId,
        length,
        Number(size ?? 0),
        Number(required) ? 0 : 1,
        own,
        0,
      );
    }
    if (ledgers.has(table))
      for (const [place, part] of ["transaction_id", "sequence_number"].entries())
        put("columns", id, columns.length + place, `ledger_start_${part}`, 0, 8, 0, 1, null, 7 + 2 * place);
    for (const { seq, name, single, origin, partial } of ask(
      'select seq, name, "unique" as single, origin, partial from pragma_index_list(?)',
      table,
    )) {
      put(
        "indexes",
        id,
        Number(seq),
        String(name),
        origin === "pk" ? 1 : 0,
        origin === "u" ? 1 : 0,
        Number(single),
        Number(partial),
      );
      for (const part of ask("select seqno, cid from pragma_index_info(?)", String(name)))
        put("index_columns", id, Number(seq), Number(part["cid"]), Number(part["seqno"]) + 1, 0);
    }
    const columnId = (of: string, name: unknown) =>
      Number(ask("select cid from pragma_table_info(?) where name = ?", of, String(name))[0]?.["cid"]);
    for (const key of ask(
      'select "table" as target, "from" as part, "to" as key from pragma_foreign_key_list(?)',
      table,
    )) {
      const target = String(key["target"]);
      put(
        "foreign_key_columns",
        id,
        columnId(table, key["part"]),
        tables.indexOf(target),
        columnId(target, key["key"]),
      );
    }
  }
}
