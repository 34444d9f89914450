import { existsSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { createDatabase } from "./database.ts";
import {
  compareSchemas,
  declaredForSqlServer,
  migratedInMemory,
  sqliteSchema,
  type SchemaDifference,
} from "./declared-schema.ts";
import { applyMigrations, readApplied } from "./embedded-migrations.ts";
import { openEmbedded } from "./embedded.ts";
import { readMigrations, type AppliedMigration, type Migration } from "./migrations.ts";
import { migrateSqlServer, readAppliedOnSqlServer } from "./sql-server/migrations.ts";
import type { SqlServerOptions } from "./sql-server/pool.ts";
import { sqlServerSchema } from "./sql-server/schema.ts";

/** A database as the migration command sees it. Only `up` writes. */
export interface MigrationTarget {
  /** The files that this engine has, in their order. */
  readonly migrations: readonly Migration[];
  applied(): Promise<AppliedMigration[]>;
  /** Applies what is pending. @returns the names of the files that this call applied */
  up(now: Date): Promise<string[]>;
  /** How the live schema differs from what the files declare. */
  verify(): Promise<SchemaDifference>;
  close(): Promise<void>;
}

export interface MigrationTargetOptions {
  readonly server: SqlServerOptions | undefined;
  readonly file: string;
  readonly migrationsFolder: string;
  readonly clock: Clock;
}

/** The database that the settings name, for migrating. */
export function openMigrationTarget(options: MigrationTargetOptions): MigrationTarget {
  return options.server ? sqlServerTarget(options, options.server) : embeddedTarget(options);
}

function embeddedTarget({ file, migrationsFolder }: MigrationTargetOptions): MigrationTarget {
  const migrations = readMigrations(migrationsFolder);
  // A file that is not there is like one that is empty, and is not made by looking at it.
  let database = openEmbedded(existsSync(file) ? file : ":memory:");
  return {
    migrations,
    applied: async () => readApplied(database),
    up: async (now) => {
      database.close();
      database = openEmbedded(file);
      return applyMigrations(database, migrations, now);
    },
    verify: async () => {
      const declared = migratedInMemory(migrations);
      const difference = compareSchemas(sqliteSchema(declared), sqliteSchema(database));
      declared.close();
      return difference;
    },
    close: async () => database.close(),
  };
}

/** Changing a large table takes its time, and so does waiting for another process that does. */
const statementTimeoutSeconds = 1800;
const retryBudgetSeconds = 60;

function sqlServerTarget(options: MigrationTargetOptions, server: SqlServerOptions): MigrationTarget {
  const migrations = readMigrations(options.migrationsFolder, "mssql");
  const database = createDatabase({ ...options, server: { ...server, statementTimeoutSeconds, retryBudgetSeconds } });
  return {
    migrations,
    applied: () => readAppliedOnSqlServer(database.queries),
    up: (now) => migrateSqlServer(database, migrations, now),
    verify: async () => compareSchemas(declaredForSqlServer(migrations), await sqlServerSchema(database.queries)),
    close: () => database.close(),
  };
}
