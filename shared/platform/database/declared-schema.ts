import { DatabaseSync } from "node:sqlite";
import { applyMigrations } from "./embedded-migrations.ts";
import { isCompanion, type Migration } from "./migrations.ts";

/** The differences of a schema; one line per table, column, key and index. */
export interface SchemaDifference {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/** Compares two schemas, each as a list of lines. */
export function compareSchemas(declared: readonly string[], live: readonly string[]): SchemaDifference {
  return {
    missing: declared.filter((line) => !live.includes(line)),
    unexpected: live.filter((line) => !declared.includes(line)),
  };
}

/** The schema of an SQLite database, as the text of its definitions. */
export function sqliteSchema(database: DatabaseSync): string[] {
  const objects = database
    .prepare("select type, name, sql from sqlite_master where sql is not null order by name")
    .all();
  return objects.map(
    ({ type, name, sql }) => `${String(type)} ${String(name)}: ${String(sql).replaceAll(/\s+/g, " ")}`,
  );
}

/** A database in memory with these migrations applied. */
export function migratedInMemory(migrations: readonly Migration[]): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  applyMigrations(
    database,
    migrations.filter(({ name }) => !isCompanion(name)),
    new Date(0),
  );
  return database;
}

/** The schema that the migrations declare, in the form of lines that SQL Server's catalogue is read into. */
export function declaredForSqlServer(migrations: readonly Migration[]): string[] {
  const database = migratedInMemory(migrations);
  const tables = database.prepare("select name from sqlite_master where type = 'table' order by name").all();
  const lines = tables.flatMap(({ name }) => tableLines(database, String(name)));
  database.close();
  return [...lines, ...collations(migrations)].toSorted();
}

function tableLines(database: DatabaseSync, table: string): string[] {
  const ask = (text: string, name: string): Record<string, string>[] =>
    database
      .prepare(text)
      .all(name)
      .map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, String(value)])));
  const columns = ask('select name, lower(type) as type, "notnull" as required from pragma_table_info(?)', table).map(
    ({ name, type, required }) => `column ${table}.${name} ${type} ${required === "1" ? "not null" : "null"}`,
  );
  const indexes = ask('select name, "unique" as single, origin, partial from pragma_index_list(?)', table).map(
    ({ name = "", single, origin, partial }) => {
      const parts = ask("select name from pragma_index_info(?) order by seqno", name).map((part) => part["name"] ?? "");
      const kind = origin === "pk" ? "primary key" : origin === "u" ? "unique constraint" : "index";
      return indexLine({ kind, name, table, columns: parts, isUnique: single === "1", isFiltered: partial === "1" });
    },
  );
  const references = ask(
    'select "table" as target, "from" as part, "to" as key from pragma_foreign_key_list(?)',
    table,
  ).map(({ target, part, key }) => `foreign key ${table}.${part} references ${target}.${key}`);
  return [...columns, ...indexes, ...references];
}

export interface DescribedIndex {
  readonly kind: "primary key" | "unique constraint" | "index";
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly isUnique: boolean;
  readonly isFiltered: boolean;
}

/** An index as a line, without the name of a constraint, which SQLite does not keep. */
export function indexLine({ kind, name, table, columns, isUnique, isFiltered }: DescribedIndex): string {
  const what = kind === "index" ? `${isUnique ? "unique " : ""}index ${name} on` : kind;
  return `${what} ${table} (${columns.join(", ")})${isFiltered ? " filtered" : ""}`;
}

/** The collations that companions set; the last one of a column counts. */
function collations(migrations: readonly Migration[]): string[] {
  const found = new Map<string, string>();
  const pattern = /alter table (\w+)\s+alter column (\w+) [\w()]+ collate (\w+)/gi;
  for (const { name, text } of migrations) {
    if (!isCompanion(name)) continue;
    for (const [, table, column, collation] of text.matchAll(pattern))
      found.set(`${table}.${column}`, String(collation));
  }
  return [...found].map(([column, collation]) => `collation ${column} ${collation}`);
}
