import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** One numbered file of `sql/`. */
export interface Migration {
  /** The file's name, such as `0001_accounts.sql`. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of the text in hex; line endings do not count. */
  readonly checksum: string;
}

/** A row of `schema_migrations`. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
}

/**
 * Reads the migrations of a folder, in the order of their numbers. Companions for SQL Server (`.mssql.sql`) are left out.
 * @throws Error naming a file whose number is taken, or whose name is none of a migration
 */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql") && !name.endsWith(".mssql.sql"));
  return names.toSorted().map((name, index, sorted) => {
    const number = /^(\d{4})_\w+\.sql$/.exec(name)?.[1];
    if (number === undefined) throw new Error(`${name} is no name of a migration: call it NNNN_what.sql`);
    if (sorted[index - 1]?.startsWith(number))
      throw new Error(`Migration ${name} has the number of ${sorted[index - 1]}`);
    const text = readFileSync(path.join(folder, name), "utf8").replaceAll("\r\n", "\n");
    return { name, text, checksum: createHash("sha256").update(text).digest("hex") };
  });
}

/**
 * Which of `migrations` are still to be applied.
 * @throws Error naming the first applied file that has changed or is missing: files are append-only.
 */
export function pendingMigrations(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of applied) {
    const file = byName.get(name);
    if (!file)
      throw new Error(`The database has migration ${name}, which is missing from sql/: use the release that made it`);
    if (file.checksum !== checksum)
      throw new Error(
        `Migration ${name} was changed after it had been applied: restore the file, and put the change into a new one`,
      );
  }
  const done = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !done.has(name));
}
