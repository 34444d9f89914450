import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A statement that the service can send, in the form of either engine. */
export interface Statement {
  /** Where it is sent, as `file:line`. */
  readonly place: string;
  /** What SQL Server is sent. */
  readonly sql: string;
  /** The parameters of `sql`, as a procedure declares them. */
  readonly parameters: string;
  /** What SQLite is sent; undefined for what SQL Server alone is asked. */
  readonly sqlite?: string;
}

/** What the tests of one file, or of a whole run, have made the service send. */
export interface Recording {
  readonly statements: readonly Statement[];
  /** Where a query begins: `file:line` of each `selectFrom`, `insertInto`, … that was reached. */
  readonly sites: readonly string[];
  /** The test files that were run. */
  readonly files: readonly string[];
}

/** The builder's methods that begin a query. */
export const beginnings = ["selectFrom", "insertInto", "updateTable", "deleteFrom", "mergeInto"] as const;

/** Names the folder in which a run keeps its recordings, a file for each test file: for all its workers. */
const variable = "LATCHKEY_RECORDINGS";

/** Makes the folder of this run, unless whoever started it has named one; removes it at the end. */
export function openRecordings(): void {
  if (process.env[variable] !== undefined) return;
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-recordings-"));
  process.env[variable] = folder;
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}

function runFolder(): string {
  const given = process.env[variable];
  if (given === undefined) throw new Error(`${variable} is not set: run the tests with npm test`);
  return given;
}

/** Keeps the recording of one test file. */
export function writeRecording(recording: Recording): void {
  const name = recording.files.join().replaceAll(/[\\/]/g, "~");
  mkdirSync(runFolder(), { recursive: true });
  writeFileSync(path.join(runFolder(), `${name}.json`), JSON.stringify(recording));
}

/** What all tests of a run so far have made the service send. */
export function readRecordings(folder = runFolder()): Recording {
  const recordings = readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Recording,
  );
  const statements = new Map<string, Statement>();
  // The tests of one engine know a statement's form for the other, and those of the other may not.
  for (const statement of recordings.flatMap((recording) => recording.statements))
    statements.set(statement.sql, { ...statements.get(statement.sql), ...statement });
  return {
    statements: [...statements.values()],
    sites: [...new Set(recordings.flatMap((recording) => recording.sites))],
    files: recordings.flatMap((recording) => recording.files),
  };
}

/**
 * Where a query begins in the sources and no test has come, as `file:line`. A query within a query, which the expression
 * builder `query` begins, comes with the one around it.
 */
export function unreachedSites({ sites }: Recording): string[] {
  const begins = new RegExp(`\\b(?!query\\b)\\w+\\s*\\.(?:${beginnings.join("|")})\\(`, "g");
  const written = globSync("shared/**/*.ts").flatMap((file) => {
    const text = readFileSync(file, "utf8");
    return [...text.matchAll(begins)].map(({ 0: begin, index }) => {
      const line = text.slice(0, index + begin.length).split("\n").length;
      return `${file}:${line}`;
    });
  });
  if (written.length === 0) throw new Error("no query was found in shared/: run this in the folder of package.json");
  return written.filter((site) => !sites.includes(site));
}
