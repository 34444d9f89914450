import { hash } from "node:crypto";
import { sql } from "kysely";
import { migratedInMemory } from "../../shared/platform/database/declared-schema.ts";
import { readMigrations } from "../../shared/platform/database/migrations.ts";
import type { Services } from "../../shared/services.ts";

/** The names of all tables that the migrations make. */
export function tableNames(): string[] {
  const database = migratedInMemory(readMigrations("sql"));
  const tables = database.prepare("select name from sqlite_master where type = 'table' order by name").all();
  database.close();
  return tables.map(({ name }) => String(name));
}

/**
 * Where the database still has one of these texts, or the SHA-256 of one, in whatever column of whatever table and letter
 * case, as `table.column: text`.
 */
export async function tracesOf({ database }: Services, texts: readonly string[]): Promise<string[]> {
  const wanted = texts.flatMap((text) => [
    { text, form: text.toLowerCase() },
    { text, form: hash("sha256", text, "hex") },
  ]);
  const found = new Set<string>();
  for (const table of tableNames()) {
    if (table === "schema_migrations") continue;
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(database.queries);
    for (const [column, value] of rows.flatMap((row) => Object.entries(row)))
      for (const { text, form } of wanted) if (textOf(value).includes(form)) found.add(`${table}.${column}: ${text}`);
  }
  return [...found].toSorted();
}

/** Bytes as hexadecimal and as the text that they may be. */
function textOf(value: unknown): string {
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    return `${bytes.toString("hex")} ${bytes.toString("latin1")}`.toLowerCase();
  }
  return String(value).toLowerCase();
}
