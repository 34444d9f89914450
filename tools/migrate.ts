// npm run migrate -- up|status|verify [--dry-run]: brings the schema of the database up to date, or says how it stands.
import path from "node:path";
import { systemClock } from "../shared/platform/clock.ts";
import { loadProcessDatabaseConfig } from "../shared/platform/config.ts";
import { openMigrationTarget, type MigrationTarget } from "../shared/platform/database/migration-target.ts";
import { pendingMigrations } from "../shared/platform/database/migrations.ts";
import { appRoot } from "../shared/platform/root.ts";
import { explainDatabaseFault } from "./database-fault.ts";
import { loadSettings } from "./local-host/settings.ts";

const usage = "usage: npm run migrate -- up | status | verify [--dry-run]";

/** What to print, and whether the database is as the command wants it. */
export interface Report {
  readonly lines: readonly string[];
  readonly isGood: boolean;
}

/** Runs one command on the database that the settings name. @throws Error with a line to print */
export async function migrate(words: readonly string[]): Promise<Report> {
  const [command, ...rest] = words.filter((word) => word !== "--dry-run");
  if (rest.length > 0 || !["up", "status", "verify"].includes(command ?? "")) throw new Error(usage);
  const { embeddedFile, server } = loadProcessDatabaseConfig();
  const target = openMigrationTarget({
    server,
    file: path.resolve(appRoot(), embeddedFile),
    migrationsFolder: path.join(appRoot(), "sql"),
    clock: systemClock,
  });
  try {
    if (command === "verify") return await verify(target);
    if (command === "status") return await status(target);
    return words.includes("--dry-run") ? await dryRun(target) : await up(target);
  } finally {
    await target.close();
  }
}

async function pendingNames(target: MigrationTarget): Promise<string[]> {
  return pendingMigrations(target.migrations, await target.applied()).map(({ name }) => name);
}

async function status(target: MigrationTarget): Promise<Report> {
  const pending = new Set(await pendingNames(target));
  return good(target.migrations.map(({ name }) => `${pending.has(name) ? "pending" : "applied"}  ${name}`));
}

async function dryRun(target: MigrationTarget): Promise<Report> {
  const pending = await pendingNames(target);
  return good(pending.length === 0 ? [upToDate(target)] : pending.map((name) => `would apply  ${name}`));
}

async function up(target: MigrationTarget): Promise<Report> {
  const applied = await target.up(systemClock.now());
  return good(applied.length === 0 ? [upToDate(target)] : applied.map((name) => `applied  ${name}`));
}

async function verify(target: MigrationTarget): Promise<Report> {
  const pending = await pendingNames(target);
  if (pending.length > 0) return { lines: pending.map((name) => `pending  ${name}`), isGood: false };
  const { missing, unexpected } = await target.verify();
  const lines = [...missing.map((line) => `missing  ${line}`), ...unexpected.map((line) => `unexpected  ${line}`)];
  return lines.length > 0 ? { lines, isGood: false } : good(["the schema is what the migrations declare"]);
}

const good = (lines: readonly string[]): Report => ({ lines, isGood: true });
const upToDate = ({ migrations }: MigrationTarget) => `up to date: ${migrations.length} migrations`;

if (import.meta.main) {
  try {
    loadSettings(appRoot());
    const { lines, isGood } = await migrate(process.argv.slice(2));
    console.log(lines.join("\n"));
    if (!isGood) process.exitCode = 1;
  } catch (error) {
    const fault = explainDatabaseFault(error);
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 1;
  }
}
