import { sql } from "kysely";
import type { Database, Queries } from "../database.ts";
import { DatabaseUnavailable } from "../errors.ts";
import {
  isRunOnSqlServer,
  migrationsTable,
  pendingMigrations,
  statementsOf,
  stem,
  type AppliedMigration,
  type Migration,
} from "../migrations.ts";

/** The migrations applied to a database; writes nothing. */
export async function readAppliedOnSqlServer(queries: Queries): Promise<AppliedMigration[]> {
  if (!(await hasMigrationsTable(queries))) return [];
  const db = queries.withTables<MigrationsTable>();
  return db.selectFrom("schema_migrations").select(["name", "checksum"]).orderBy("name").execute();
}

type MigrationsTable = { schema_migrations: AppliedMigration & { applied_at: Date } };

async function hasMigrationsTable(queries: Queries): Promise<boolean> {
  const [row] = (await sql<{ id: number | null }>`select object_id('schema_migrations') as id`.execute(queries)).rows;
  return row !== undefined && row.id !== null;
}

/**
 * Applies pending migrations, each file and its companion in one transaction, under a database lock: a process that
 * starts at the same time waits and then finds them applied.
 * @returns the names of the files that this call applied
 * @throws Error naming the file that failed and was rolled back; DatabaseUnavailable
 */
export async function migrateSqlServer(
  database: Database,
  migrations: readonly Migration[],
  now: Date,
): Promise<string[]> {
  const applied = new Set<string>();
  for (;;) {
    const isDone = await database.transaction(
      async (tx) => {
        const files = await nextFiles(tx, migrations);
        for (const file of files) {
          await applyOne(tx, file, { isRun: isRunOnSqlServer(file, migrations), now });
          applied.add(file.name);
        }
        return files.length === 0;
      },
      // What a first run committed, a second run finds applied.
      { isRepeatable: true },
    );
    if (isDone) return [...applied];
  }
}

/** The first pending file and its companion; holds the lock until the transaction ends. */
async function nextFiles(tx: Queries, migrations: readonly Migration[]): Promise<Migration[]> {
  await lock(tx);
  const pending = pendingMigrations(migrations, await readAppliedOnSqlServer(tx));
  const [first] = pending;
  if (!first) return [];
  if (!(await hasMigrationsTable(tx))) await sql.raw(migrationsTable).execute(tx);
  return pending.filter(({ name }) => stem(name) === stem(first.name));
}

/** Shorter than the statement timeout: indexing a large table takes time, and later migrations wait for it. */
const lockMilliseconds = 1_700_000;

async function lock(tx: Queries): Promise<void> {
  const asked = sql<{ result: number }>`
    declare @result int;
    exec @result = sp_getapplock @Resource = 'latchkey schema', @LockMode = 'Exclusive', @LockOwner = 'Transaction',
      @LockTimeout = ${sql.lit(lockMilliseconds)};
    select @result as result`;
  const [row] = (await asked.execute(tx)).rows;
  const result = row?.result ?? -999;
  if (result === -3)
    throw new DatabaseUnavailable(undefined, {
      isTransient: true,
      reason: "the migration lock ran into a deadlock",
    });
  if (result < 0)
    throw new Error(
      `Another process has been migrating this database for a long time: wait until it is done (${result})`,
    );
}

/** Runs a file, unless its companion stands for it, and records it. */
async function applyOne(
  tx: Queries,
  { name, text, checksum }: Migration,
  { isRun, now }: { readonly isRun: boolean; readonly now: Date },
): Promise<void> {
  try {
    // One by one: a batch is compiled as a whole, and would not see a column that it has just added.
    for (const statement of isRun ? statementsOf(text) : []) await sql.raw(statement.text).execute(tx);
    const db = tx.withTables<MigrationsTable>();
    await db.insertInto("schema_migrations").values({ name, checksum, applied_at: now }).execute();
  } catch (error) {
    if (error instanceof DatabaseUnavailable && error.isTransient) throw error;
    const told = error instanceof DatabaseUnavailable ? error.cause : error;
    const reason = told instanceof Error ? told.message : "unknown";
    throw new Error(`Migration ${name} failed and was undone: ${reason}`, { cause: error });
  }
}
