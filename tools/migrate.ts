// npm run migrate -- up|status: brings the schema of the database up to date, or says what is missing.
import path from "node:path";
import { systemClock } from "../shared/platform/clock.ts";
import { loadProcessConfig } from "../shared/platform/config.ts";
import { applyMigrations, readApplied } from "../shared/platform/database/embedded-migrations.ts";
import { openEmbedded } from "../shared/platform/database/embedded.ts";
import { pendingMigrations, readMigrations } from "../shared/platform/database/migrations.ts";
import { appRoot } from "../shared/platform/root.ts";
import { explainDatabaseFault } from "./database-fault.ts";
import { loadSettings } from "./local-host/settings.ts";

const usage = "usage: npm run migrate -- up | status";

/** Runs one command. @returns the lines to print. @throws Error with a line to print */
export function migrate([command, ...more]: readonly string[]): string[] {
  if ((command !== "up" && command !== "status") || more.length > 0) throw new Error(usage);
  const file = path.resolve(appRoot(), loadProcessConfig().database.embeddedFile);
  const migrations = readMigrations(path.join(appRoot(), "sql"));
  const database = openEmbedded(file);
  try {
    const before = new Set(readApplied(database).map(({ name }) => name));
    const pending = new Set(pendingMigrations(migrations, readApplied(database)).map(({ name }) => name));
    if (command === "status")
      return migrations.map(({ name }) => `${pending.has(name) ? "pending" : "applied"}  ${name}`);
    const applied = applyMigrations(database, migrations, systemClock.now());
    return applied.length === 0 ? [`up to date: ${before.size} migrations`] : applied.map((name) => `applied  ${name}`);
  } finally {
    database.close();
  }
}

if (import.meta.main) {
  try {
    loadSettings(appRoot());
    console.log(migrate(process.argv.slice(2)).join("\n"));
  } catch (error) {
    const fault = explainDatabaseFault(error);
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 1;
  }
}
