import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { inject } from "vitest";
import { systemClock } from "../../shared/platform/clock.ts";
import { loadConfig } from "../../shared/config.ts";
import { createDatabase } from "../../shared/platform/database/database.ts";
import { openMigrationTarget } from "../../shared/platform/database/migration-target.ts";
import { databaseFolder } from "./folder.ts";
import { testSettings } from "./settings.ts";
import { whenDone } from "./when-done.ts";

/** Settings that name a database. */
export type DatabaseSettings = Readonly<Record<string, string>>;

declare module "vitest" {
  interface ProvidedContext {
    /** The engine that the tests of this project run on. */
    readonly engine: "embedded" | "sql-server";
  }
}

/** Makes an empty database on the engine that the tests run on. It is gone after the test, or after those of the file. */
export async function emptyDatabase(): Promise<DatabaseSettings> {
  if (inject("engine") === "embedded") return { EMBEDDED_DB_FILE: path.join(databaseFolder(), "latchkey.db") };
  const settings = { ...serverSettings(), DB_DATABASE: `latchkey_test_${randomBytes(6).toString("hex")}` };
  await create(settings.DB_DATABASE);
  return settings;
}

/**
 * Makes a database with the service's tables.
 * @param migrationsFolder where the tables come from; `sql` unless given
 */
export async function freshDatabase(migrationsFolder?: string): Promise<DatabaseSettings> {
  const settings = await emptyDatabase();
  const file = settings["EMBEDDED_DB_FILE"];
  if (file === undefined || migrationsFolder !== undefined) await migrate(settings, migrationsFolder);
  else await copyMigrated(file);
  return settings;
}

/** Makes an embedded database with the tables of `sql`, at this path. */
export async function copyMigrated(file: string): Promise<void> {
  writeFileSync(file, (migrated ??= readFileSync(await migratedFile())), { mode: 0o600 });
}

/** An embedded database with the tables of `sql`: a process makes it once, and copies it for each test. */
let migrated: Buffer | undefined;

async function migratedFile(): Promise<string> {
  const file = path.join(databaseFolder(), "latchkey.db");
  await migrate({ EMBEDDED_DB_FILE: file });
  return file;
}

async function migrate(settings: DatabaseSettings, migrationsFolder = "sql"): Promise<void> {
  const target = openMigrationTarget({ ...optionsOf(settings), migrationsFolder });
  await target.up(systemClock.now()).finally(() => target.close());
}

/** How the database package opens what these settings name. */
export function optionsOf(settings: DatabaseSettings) {
  const { embeddedFile, server } = loadConfig({ ...testSettings, ...settings }).database;
  return { server, file: embeddedFile, clock: systemClock };
}

/** The server of the settings TEST_DB_…, by the service's own names. */
function serverSettings() {
  const given = (name: string, otherwise: string) => process.env[`TEST_${name}`] ?? otherwise;
  return {
    DB_SERVER: given("DB_SERVER", ""),
    DB_PORT: given("DB_PORT", "1433"),
    DB_USERNAME: given("DB_USERNAME", "sa"),
    DB_PASSWORD: given("DB_PASSWORD", ""),
    DB_TRUST_SERVER_CERTIFICATE: "true",
  };
}

/** Makes an empty database, and drops it when done. */
async function create(name: string): Promise<void> {
  const master = createDatabase({ ...optionsOf({ ...serverSettings(), DB_DATABASE: "master" }), migrationsFolder: "" });
  const run = (text: string) => sql.raw(text).execute(master.queries);
  whenDone(async () => {
    await drop(name, run);
    await master.close();
  });
  await run(`create database ${name}`);
  // Readers that do not wait for writers: what Azure SQL Database has unless told otherwise, and SQL Server only if told.
  if (process.env["TEST_DB_SNAPSHOT"] !== "off") await run(`alter database ${name} set read_committed_snapshot on`);
}

async function drop(name: string, run: (text: string) => Promise<unknown>): Promise<void> {
  try {
    await run(`drop database ${name}`);
  } catch {
    // The server takes a moment to notice that a connection was closed. One that a test has left open is ended.
    await sleep(1000);
    await run(`drop database ${name}`).catch(async () => {
      await run(`alter database ${name} set single_user with rollback immediate`);
      await run(`drop database ${name}`);
    });
  }
}
