import type { DatabaseSync } from "node:sqlite";
import { migrationsTable, pendingMigrations, type AppliedMigration, type Migration } from "./migrations.ts";
import { guarded } from "./sqlite-errors.ts";

/** The migrations applied to a database; writes nothing. */
export function readApplied(database: DatabaseSync): AppliedMigration[] {
  return guarded(() => {
    const [table] = database.prepare("select name from sqlite_master where name = 'schema_migrations'").all();
    if (!table) return [];
    const rows = database.prepare("select name, checksum from schema_migrations order by name").all();
    return rows.map((row) => ({ name: String(row["name"]), checksum: String(row["checksum"]) }));
  });
}

/**
 * Applies pending migrations, one transaction per file. A process that starts at the same time waits and then finds
 * them applied.
 * @returns the names of the files that this call applied
 * @throws Error naming the file that failed and was rolled back; DatabaseUnavailable
 */
export function applyMigrations(database: DatabaseSync, migrations: readonly Migration[], now: Date): string[] {
  const applied: string[] = [];
  while (pendingMigrations(migrations, readApplied(database)).length > 0) {
    guarded(() => database.exec("begin immediate"));
    try {
      database.exec(migrationsTable.replace("create table", "create table if not exists"));
      const [next] = pendingMigrations(migrations, readApplied(database));
      if (next) applied.push(applyOne(database, next, now));
      database.exec("commit");
    } catch (error) {
      database.exec("rollback");
      throw error;
    }
  }
  return applied;
}

function applyOne(database: DatabaseSync, { name, text, checksum }: Migration, now: Date): string {
  try {
    database.exec(text);
    database.prepare("insert into schema_migrations values (?, ?, ?)").run(name, checksum, now.toISOString());
    return name;
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown";
    throw new Error(`Migration ${name} failed and was undone: ${reason}`, { cause: error });
  }
}
