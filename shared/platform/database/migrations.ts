import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A numbered file of `sql/`. */
export interface Migration {
  /** The file's name, such as `0001_accounts.sql`. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of the text in hex, independent of line endings. */
  readonly checksum: string;
}

/** A row of `schema_migrations`. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
}

export type EngineName = "sqlite" | "mssql";

/**
 * Reads the migrations of a folder, by number. For SQL Server, each is followed by its companion `NNNN_name.mssql.sql`,
 * if there is one. A companion `NNNN_name.instead.mssql.sql` is run instead of its file, which then only declares the
 * schema that it makes.
 * @throws Error naming a file whose number is taken, or whose name is not that of a migration
 */
export function readMigrations(folder: string, engine: EngineName = "sqlite"): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql") && name !== grantsFile);
  checkNames(names.filter((name) => !isCompanion(name)).toSorted());
  return names
    .filter((name) => engine === "mssql" || !isCompanion(name))
    .toSorted((one, other) => (stem(one) === stem(other) ? one.length - other.length : one < other ? -1 : 1))
    .map((name) => {
      const text = readFileSync(path.join(folder, name), "utf8").replaceAll("\r\n", "\n");
      return { name, text, checksum: createHash("sha256").update(text).digest("hex") };
    });
}

/** The table of applied files. */
export const migrationsTable = `create table schema_migrations (
  name nvarchar(200) not null constraint pk_schema_migrations primary key,
  checksum char(64) not null,
  applied_at datetime2(3) not null
)`;

/** The rights, which an administrator grants; not a migration. */
export const grantsFile = "grants.mssql.sql";

/** @param names in order, without companions */
function checkNames(names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    const number = /^(\d{4})_\w+\.sql$/.exec(name)?.[1];
    const before = names[index - 1];
    if (number === undefined) throw new Error(`${name} is not the name of a migration: call it NNNN_what.sql`);
    if (before?.startsWith(number)) throw new Error(`Migration ${name} has the same number as ${before}`);
  }
}

/** Whether a file is only for SQL Server. */
export function isCompanion(name: string): boolean {
  return name.endsWith(".mssql.sql");
}

/** The common part of the names of a file and its companion. */
export function stem(name: string): string {
  return name.replace(/(?:(?:\.instead)?\.mssql)?\.sql$/, "");
}

/** Whether a file is run on SQL Server: not if one of these is its companion that takes its place. */
export function isRunOnSqlServer({ name }: Migration, migrations: readonly Migration[]): boolean {
  return !migrations.some((other) => other.name === `${stem(name)}.instead.mssql.sql` && other.name !== name);
}

/**
 * The migrations that are not applied yet.
 * @throws Error naming the first applied file that was changed or is missing: files are append-only
 */
export function pendingMigrations(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of applied) {
    const file = byName.get(name);
    if (!file)
      throw new Error(
        `The database has migration ${name}, which is missing from sql/: use the release that created it`,
      );
    if (file.checksum !== checksum)
      throw new Error(
        `Migration ${name} was changed after it had been applied: restore the file, and put the change into a new migration`,
      );
  }
  const done = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !done.has(name));
}

/** A statement of a migration, and the line on which it begins, from 1. */
export interface MigrationStatement {
  readonly text: string;
  readonly line: number;
}

/** The statements of a file without its comments. Each ends with a semicolon at the end of a line. */
export function statementsOf(text: string): MigrationStatement[] {
  const statements: MigrationStatement[] = [];
  let line = 1;
  for (const part of text.replaceAll(/^[ \t]*--.*$/gm, "").split(/;\s*?$/m)) {
    const spaceBefore = part.length - part.trimStart().length;
    const begins = line + part.slice(0, spaceBefore).split("\n").length - 1;
    if (part.trim() !== "") statements.push({ text: part.trim(), line: begins });
    line += part.split("\n").length - 1;
  }
  return statements;
}
