import path from "node:path";
import { DefaultQueryCompiler, QueryCreator, type CompiledQuery, type QueryId, type RootOperationNode } from "kysely";
import { compileForSqlServer, SqlServerQueryCompiler } from "../../shared/platform/database/sql-server/compiler.ts";
import { addParameters } from "../../shared/platform/database/sql-server/parameters.ts";
import { beginnings, writeRecording, type Statement } from "./recordings.ts";
import type { TdsRequest } from "./tds/messages.ts";
import { alone } from "./tds/text.ts";

/** What is noted of a statement, with the values that it was compiled with. */
interface Noted {
  readonly place: string;
  readonly sql: string;
  readonly values: readonly unknown[];
  sqlite?: string;
}

/** By what SQL Server is sent. */
const statements = new Map<string, Noted>();
const sites = new Set<string>();
/** What the driver has put together of them, with its declarations. */
const messages = new Map<string, string>();

/** Frames that a query passes on its way from whoever sends it. */
const passages =
  /^shared\/platform\/database\/(?:prepared|budget|sql-server\/compiler)\.ts|^tests\/support\/statements\.ts/;

/** Whether a file of this project, by its path from the root, is where a query may come from. */
const isOurs = (file: string) => /^(?:shared|functions|tools|tests)\//.test(file) && !passages.test(file);
const fromRoot = (file: string) => path.relative(process.cwd(), file.replace(/^file:\/\//, ""));

/** What `isOurs` says of the files on stacks, of which there are a few hundred. */
const ours = new Map<string, boolean>();

function isOursHere(file: string): boolean {
  const known = ours.get(file) ?? isOurs(fromRoot(file));
  ours.set(file, known);
  return known;
}

/** The first place on the stack that is this project's own and no passage. The code that runs is the source itself. */
function placeOf(): string {
  // Most queries begin in the frames above. The library's may come first, and to walk all of them at once takes long.
  const frame = ownFrame(4) ?? ownFrame(100);
  if (!frame) throw new Error("a query comes from nowhere: it could not be checked");
  return `${fromRoot(frame.getFileName() ?? "")}:${frame.getLineNumber()}`;
}

function ownFrame(limit: number): NodeJS.CallSite | undefined {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = limit;
  try {
    Error.prepareStackTrace = (_error, frames) => frames;
    const frames = new Error("here").stack as unknown as NodeJS.CallSite[];
    return frames.find((one) => isOursHere(one.getFileName() ?? ""));
  } finally {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  }
}

let isRecording = false;

/**
 * From now on notes every statement that the service compiles, in the form that SQL Server takes, and every place where a
 * query begins. What a test itself asks the database is not the service's; tables and rights are
 * made by `sql/`.
 */
export function startRecording(): void {
  if (isRecording) return;
  isRecording = true;
  const { compileQuery } = DefaultQueryCompiler.prototype;
  DefaultQueryCompiler.prototype.compileQuery = function (node: RootOperationNode, queryId: QueryId): CompiledQuery {
    const compiled = compileQuery.call(this, node, queryId);
    // What is compiled for SQLite is compiled for SQL Server too, which comes back here.
    if (!(this instanceof SqlServerQueryCompiler)) {
      const noted = statements.get(compileForSqlServer(node, queryId).sql);
      if (noted) noted.sqlite = compiled.sql;
      return compiled;
    }
    const { sql, parameters: values } = compiled;
    if (statements.has(sql)) return compiled;
    const place = placeOf();
    const isServices = !place.startsWith("tests/") && !/^\s*(?:create|alter|drop|grant|if) /i.test(sql);
    if (isServices) statements.set(sql, { place, sql, values });
    return compiled;
  };
  for (const name of beginnings) {
    const begin = QueryCreator.prototype[name] as (...args: unknown[]) => unknown;
    const noting = function (this: unknown, ...args: unknown[]): unknown {
      sites.add(placeOf());
      return Reflect.apply(begin, this, args);
    };
    Object.assign(QueryCreator.prototype, { [name]: noting });
  }
}

/** Notes a text that travelled to a server with others or with the begin or end of a transaction, if it is the service's. */
export function noteMessage({ kind, sql, statements: parts, declarations }: TdsRequest): void {
  if (kind === "query" && parts.length === 1) return;
  if (parts.length > 0 && parts.every((part) => statements.has(alone(part, []).sql))) messages.set(sql, declarations);
}

/** The driver's own declaration of these values. What a prepared query leaves open goes as text. */
async function declarationsOf(values: readonly unknown[]): Promise<string> {
  const tedious = await import("tedious");
  const isOpen = (value: unknown) => typeof value === "object" && !(value instanceof Date || Buffer.isBuffer(value));
  const request = new tedious.Request("", () => undefined);
  const closed = values.map((value) => (isOpen(value) ? "" : value));
  addParameters(tedious, request, closed);
  return request.makeParamsParameter(request.parameters);
}

/** Keeps what the tests of this file have made the service send, and begins anew: the process may run another file. */
export async function keepRecording(testFile: string): Promise<void> {
  const toStatement = async ({ values, ...statement }: Noted): Promise<Statement> => ({
    ...statement,
    parameters: await declarationsOf(values),
  });
  const place = "shared/platform/database/sql-server/message.ts";
  const together = [...messages].map(([sql, parameters]): Statement => ({ place, sql, parameters }));
  writeRecording({
    statements: [...(await Promise.all([...statements.values()].map(toStatement))), ...together],
    sites: [...sites],
    files: [path.relative(process.cwd(), testFile)],
  });
  statements.clear();
  sites.clear();
}
