// npm run migrate -- up|status|verify [--dry-run]: updates the database schema, or reports its state.
// npm run migrate -- grant --name NAME --client-id ID: makes a managed identity a user with the rights of the service.
import path from "node:path";
import { parseArgs } from "node:util";
import { bringUpToDate, type UpkeepReport } from "../shared/accounts/upkeep.ts";
import { systemClock } from "../shared/platform/clock.ts";
import { loadProcessDatabaseConfig } from "../shared/config.ts";
import { openMigrationTarget, type MigrationTarget } from "../shared/platform/database/migration-target.ts";
import { pendingMigrations } from "../shared/platform/database/migrations.ts";
import type { DatabaseUser } from "../shared/platform/database/sql-server/grants.ts";
import { appRoot } from "../shared/platform/root.ts";
import { explainDatabaseFault } from "./database-fault.ts";
import { tellDoubtful } from "./doubtful-settings.ts";
import { loadSettings } from "./local-host/settings.ts";

const usage =
  "usage: npm run migrate -- up | status | verify [--dry-run]\n       npm run migrate -- grant --name NAME --client-id ID";

/** What to print, and whether the database is in the state that the command wants. */
export interface Report {
  readonly lines: readonly string[];
  readonly isGood: boolean;
}

/** Runs a command on the configured database. @throws Error with a line to print */
export async function migrate(words: readonly string[]): Promise<Report> {
  const { command, isDryRun, user } = parse(words);
  const { embeddedFile, server } = tellDoubtful(loadProcessDatabaseConfig());
  const target = openMigrationTarget({
    server,
    file: path.resolve(appRoot(), embeddedFile),
    migrationsFolder: path.join(appRoot(), "sql"),
    clock: systemClock,
  });
  try {
    if (command === "verify") return await verify(target);
    if (command === "status") return await status(target);
    if (user) return await grant(target, user);
    return isDryRun ? await dryRun(target) : await up(target);
  } finally {
    await target.close();
  }
}

interface Command {
  readonly command: string;
  readonly isDryRun: boolean;
  /** Only for `grant`. */
  readonly user?: DatabaseUser;
}

const options = {
  "dry-run": { type: "boolean", default: false },
  name: { type: "string" },
  "client-id": { type: "string" },
} as const;

function parse(words: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const { "dry-run": isDryRun, name, "client-id": clientId } = values;
    const [command = "", ...rest] = positionals;
    const isGrant = command === "grant" && name !== undefined && clientId !== undefined && !isDryRun;
    const isOther = ["up", "status", "verify"].includes(command) && name === undefined && clientId === undefined;
    if (rest.length > 0 || !(isGrant || isOther)) throw new Error(usage);
    return isGrant ? { command, isDryRun, user: { name, clientId } } : { command, isDryRun };
  } catch {
    throw new Error(usage);
  }
}

async function pendingNames(target: MigrationTarget): Promise<string[]> {
  return pendingMigrations(target.migrations, await target.applied()).map(({ name }) => name);
}

async function status(target: MigrationTarget): Promise<Report> {
  const pending = new Set(await pendingNames(target));
  const files = target.migrations.map(({ name }) => `${pending.has(name) ? "pending" : "applied"}  ${name}`);
  return good(pending.size > 0 ? files : [...files, ...describe(await survey(target), "pending")]);
}

async function dryRun(target: MigrationTarget): Promise<Report> {
  const pending = await pendingNames(target);
  if (pending.length > 0) return good(pending.map((name) => `would apply  ${name}`));
  return good([upToDate(target), ...describe(await survey(target), "would bring up to date")]);
}

async function up(target: MigrationTarget): Promise<Report> {
  const applied = await target.up(systemClock.now());
  const files = applied.length === 0 ? [upToDate(target)] : applied.map((name) => `applied  ${name}`);
  return good([...files, ...describe(await bringUpToDate(target.queries), "brought up to date")]);
}

async function grant(target: MigrationTarget, user: DatabaseUser): Promise<Report> {
  await target.grant(user);
  return good([`${user.name} now has the service's permissions`]);
}

async function verify(target: MigrationTarget): Promise<Report> {
  const pending = await pendingNames(target);
  if (pending.length > 0) return { lines: pending.map((name) => `pending  ${name}`), isGood: false };
  const { missing, unexpected } = await target.verify();
  const lines = [...missing.map((line) => `missing  ${line}`), ...unexpected.map((line) => `unexpected  ${line}`)];
  if (lines.length > 0) return { lines, isGood: false };
  const accounts = await survey(target);
  const matches = ["the schema matches the migrations", ...describe(accounts, "pending")];
  return { lines: matches, isGood: accounts.updated === 0 };
}

/** What `up` would do to accounts written by an older release. */
const survey = ({ queries }: MigrationTarget) => bringUpToDate(queries, { isDryRun: true });

/** The lines about accounts, which name them only by id. */
function describe({ updated, collisions, unreachable }: UpkeepReport, what: string): string[] {
  return [
    ...(updated > 0 ? [`${what}  ${updated} accounts of an older release`] : []),
    ...unreachable.map(
      (id) => `unreachable  ${id}  its domain cannot receive mail, and nobody can sign in with the address`,
    ),
    ...collisions.map(({ accountId, otherId }) => `collision  ${accountId}  ${otherId}`),
    ...(collisions.length > 0 ? [whatCollisionsMean] : []),
  ];
}

const whatCollisionsMean =
  "Colliding accounts share one mailbox, spelled in two ways. Nothing was merged: people sign in to each with the address as registered (docs/database.md).";

const good = (lines: readonly string[]): Report => ({ lines, isGood: true });
const upToDate = ({ migrations }: MigrationTarget) => `up to date: ${migrations.length} migrations`;

if (import.meta.main) {
  try {
    // If the environment names the server, it also says how to log in: a password in the file is for another server.
    if (!process.env["DB_SERVER"]) loadSettings(appRoot());
    const { lines, isGood } = await migrate(process.argv.slice(2));
    console.log(lines.join("\n"));
    if (!isGood) process.exitCode = 1;
  } catch (error) {
    const fault = explainDatabaseFault(error);
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 1;
  }
}
