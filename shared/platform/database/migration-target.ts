import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Clock } from "../clock.ts";
import { createDatabase, queriesOn, type Queries } from "./database.ts";
import {
  compareSchemas,
  declaredForSqlServer,
  migratedInMemory,
  sqliteSchema,
  type SchemaDifference,
} from "./declared-schema.ts";
import { applyMigrations, readApplied } from "./embedded-migrations.ts";
import { bridge, openEmbedded } from "./embedded.ts";
import { grantsFile, readMigrations, type AppliedMigration, type Migration } from "./migrations.ts";
import { grantRights, type DatabaseUser } from "./sql-server/grants.ts";
import { migrateSqlServer, readAppliedOnSqlServer } from "./sql-server/migrations.ts";
import type { SqlServerOptions } from "./sql-server/pool.ts";
import { sqlServerSchema } from "./sql-server/schema.ts";

/** The migration command's view of a database. Only `up` and `grant` write. */
export interface MigrationTarget {
  /** The files for this engine, in order. */
  readonly migrations: readonly Migration[];
  /** For the parts of migrations that are code. */
  readonly queries: Queries;
  applied(): Promise<AppliedMigration[]>;
  /** Applies pending migrations. @returns the names of the files that this call applied */
  up(now: Date): Promise<string[]>;
  /** The differences between the live schema and what the files declare. */
  verify(): Promise<SchemaDifference>;
  /** Makes an identity a user of the database, with the service's rights. @throws Error if the engine has no users */
  grant(user: DatabaseUser): Promise<void>;
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
  // A missing file is treated as an empty database, and reading does not create it.
  let database = openEmbedded(existsSync(file) ? file : ":memory:");
  return {
    migrations,
    get queries() {
      return queriesOn(bridge(database));
    },
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
    grant: () => Promise.reject(new Error("The embedded database has no users: grant needs a SQL Server (DB_SERVER)")),
    close: async () => database.close(),
  };
}

/** Changing a large table takes time, and so does waiting for another process that does. */
const statementTimeoutSeconds = 1800;
const retryBudgetSeconds = 60;

function sqlServerTarget(options: MigrationTargetOptions, server: SqlServerOptions): MigrationTarget {
  const migrations = readMigrations(options.migrationsFolder, "mssql");
  const database = createDatabase({ ...options, server: { ...server, statementTimeoutSeconds, retryBudgetSeconds } });
  return {
    migrations,
    queries: database.queries,
    applied: () => readAppliedOnSqlServer(database.queries),
    up: (now) => migrateSqlServer(database, migrations, now),
    verify: async () => compareSchemas(declaredForSqlServer(migrations), await sqlServerSchema(database.queries)),
    grant: (user) => grantRights(database, readFileSync(path.join(options.migrationsFolder, grantsFile), "utf8"), user),
    close: () => database.close(),
  };
}
