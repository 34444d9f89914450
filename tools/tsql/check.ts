// npm run check:tsql: compiles the migrations, and every statement that the service can send, with Microsoft's own
// parser and model of Azure SQL Database. It learns the service's statements by running the tests. Needs the .NET SDK;
// says so if it is missing.
import { spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { text as readAll } from "node:stream/consumers";
import { migratedInMemory } from "../../shared/platform/database/declared-schema.ts";
import {
  grantsFile,
  isCompanion,
  readMigrations,
  statementsOf,
  stem,
  type Migration,
} from "../../shared/platform/database/migrations.ts";
import { readRecordings, unreachedSites, type Recording, type Statement } from "../../tests/support/recordings.ts";
import { builtProgram, hasDotnet } from "../dotnet.ts";

const sources = ["check.csproj", "packages.lock.json", "Program.cs"];

/** The built program, for `dotnet FILE`. */
function program(): string {
  const read = (name: string) => [name, readFileSync(path.join(import.meta.dirname, name), "utf8")] as const;
  return builtProgram("check", Object.fromEntries(sources.map(read)));
}

/** A piece of T-SQL, and where it comes from. */
export interface Source {
  /** A file, or a `file:line` of the service's code. */
  readonly name: string;
  readonly text: string;
  /** The line of the file on which `text` begins, from 1. */
  readonly line?: number;
  readonly parameters?: string;
}

/** Statements, and the tables that they must find. */
interface Group {
  readonly schema: readonly Source[];
  readonly statements: readonly Source[];
}

interface Input {
  readonly scripts: readonly Source[];
  readonly groups: readonly Group[];
}

export interface TsqlReport {
  /** Lines `name:line: message`. */
  readonly findings: readonly string[];
  /** The number of statements checked. */
  readonly count: number;
}

/** The compiler, in its own process. */
export interface TsqlCompiler {
  /**
   * Compiles a folder's migrations, companions and grants, and these statements of the service.
   * @throws Error if the compiler fails
   */
  compile(folder: string, statements: readonly Statement[]): Promise<TsqlReport>;
  close(): void;
}

/** Starts the compiler. @throws Error if it cannot be built */
export function startTsqlCompiler(): TsqlCompiler {
  const child = spawn("dotnet", [program()], { stdio: ["pipe", "pipe", "pipe"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = readAll(child.stderr);
  // If the compiler has exited, the missing answer reports it.
  child.stdin.on("error", () => undefined);
  // The previous question: answers come in the order of questions.
  let earlier: Promise<unknown> = Promise.resolve();
  const findingsOf = async (input: Input): Promise<string[]> => {
    child.stdin.write(`${JSON.stringify(input)}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(`The compiler failed:\n${await errors}`);
    return JSON.parse(value) as string[];
  };
  return {
    async compile(folder, statements) {
      const input = inputOf(folder, statements);
      const findings = earlier.then(() => findingsOf(input));
      earlier = findings.catch(() => undefined);
      return { findings: await findings, count: countOf(folder, statements) };
    },
    close: () => void child.stdin.end(),
  };
}

function inputOf(folder: string, statements: readonly Statement[]): Input {
  const migrations = readMigrations(folder, "mssql");
  const companions = migrations.filter(({ name }) => isCompanion(name));
  const final = schemaOf(migrations, folder);
  const groups: Group[] = [
    ...companions.map((companion) => ({
      // A companion sees the tables as they are after its own file.
      schema: schemaOf(
        migrations.filter(({ name }) => stem(name) <= stem(companion.name)),
        folder,
      ),
      statements: sourcesOf(path.join(folder, companion.name), companion.text),
    })),
    { schema: [...final, ...rolesOf(folder)], statements: grantsOf(folder).map(asGrant) },
    {
      schema: [...final, ...rolesOf(folder)],
      statements: statements.map(({ place, sql, parameters }) => asGrant({ name: place, text: sql, parameters })),
    },
  ];
  const scripts = migrations.map(({ name, text }) => ({ name: path.join(folder, name), text }));
  return { scripts: [...scripts, ...grantsOf(folder)], groups };
}

function countOf(folder: string, statements: readonly Statement[]): number {
  const declared = readMigrations(folder, "mssql").flatMap(({ text }) => statementsOf(text));
  return [...declared, ...grantsOf(folder), ...statements].length;
}

/**
 * The tables and indexes that these migrations create, as definitions kept by the embedded engine: they include columns
 * added later.
 */
function schemaOf(migrations: readonly Migration[], folder: string): Source[] {
  const database = migratedInMemory(migrations);
  const rows = database.prepare("select name, sql from sqlite_master where sql is not null").all();
  database.close();
  // SQLite needs quotes around the length that it does not know.
  const text = (sql: unknown) => String(sql).replaceAll('"nvarchar(max)"', "nvarchar(max)");
  return rows.map(({ name, sql }) => Object.assign(placeOf(String(name), migrations, folder), { text: text(sql) }));
}

/** Where a table or index is created. */
function placeOf(object: string, migrations: readonly Migration[], folder: string): Pick<Source, "name" | "line"> {
  const begins = new RegExp(`^create (?:unique )?(?:table|index) ${object}\\b`);
  for (const { name, text } of migrations) {
    const found = statementsOf(text).find((statement) => begins.test(statement.text));
    if (found) return { name: path.join(folder, name), line: found.line };
  }
  return { name: object };
}

function sourcesOf(name: string, text: string): Source[] {
  return statementsOf(text).map(({ text: statement, line }) => ({ name, text: statement, line }));
}

function grantsOf(folder: string): Source[] {
  const file = path.join(folder, grantsFile);
  return readdirSync(folder).includes(grantsFile) ? sourcesOf(file, readFileSync(file, "utf8")) : [];
}

/** The roles that the grants create if they are missing. */
function rolesOf(folder: string): Source[] {
  const made = new Set(grantsOf(folder).flatMap(({ text }) => /\bcreate role (\w+)/.exec(text)?.[1] ?? []));
  return [...made.add("latchkey")].map((role) => ({ name: grantsFile, text: `create role ${role}` }));
}

/**
 * The model does not accept revoking rights on a table. A revoke names the same things as the grant; its own syntax is
 * parsed separately.
 */
function asGrant(source: Source): Source {
  return { ...source, text: source.text.replace(/^revoke (.+) from (\w+)$/s, "grant $1 to $2") };
}

/** Test folders in which the service sends nothing that other tests do not. */
const silent = ["local-host", "meta", "process", "tools", "compilers"];

/** Runs the tests to record what the service sends. @returns whether all passed */
async function record(folder: string): Promise<boolean> {
  const runner = path.resolve("node_modules/vitest/vitest.mjs");
  const excluded = silent.flatMap((name) => ["--exclude", `tests/${name}/**`]);
  const options: SpawnOptions = {
    env: { ...process.env, LATCHKEY_RECORDINGS: folder },
    stdio: "ignore",
  };
  const child = spawn(process.execPath, [runner, "run", ...excluded], options);
  await once(child, "close");
  return child.exitCode === 0;
}

/** What the service sends in the tests: from an earlier run that left its recordings, or from a new run. */
async function learn(): Promise<{ recording: Recording; isWhole: boolean }> {
  const given = process.env["LATCHKEY_RECORDINGS"];
  if (given !== undefined) return { recording: readRecordings(given), isWhole: true };
  console.log("Running the tests to record the service's statements; this takes a minute or two.");
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-recordings-"));
  try {
    const isWhole = await record(folder);
    return { recording: readRecordings(folder), isWhole };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  if (!hasDotnet()) return console.log("check:tsql was not run: it needs the .NET SDK 10 (dotnet)");
  const { recording, isWhole } = await learn();
  const compiler = startTsqlCompiler();
  const report = await compiler.compile("sql", recording.statements).finally(() => compiler.close());
  const unreached = unreachedSites(recording).map(
    (site) => `${site}: no test reaches this query, so it was not compiled`,
  );
  const findings = [...report.findings, ...unreached];
  for (const finding of findings) console.log(finding);
  console.log(`${report.count} statements compiled for Azure SQL Database, ${findings.length} findings`);
  // A query that the database refuses fails its tests, and is among the findings.
  if (!isWhole) console.log("Some tests fail (npm test shows which), so statements may be missing.");
  if (findings.length > 0 || !isWhole) process.exitCode = 1;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
