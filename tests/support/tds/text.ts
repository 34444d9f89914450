const beginning = "begin transaction;\n";
const guard = ";\nif @@error <> 0 return;\n";
const ending = "commit transaction";
const lateEnding = ";\ncommit transaction with (delayed_durability = on)";
/** A write of its own: an update, and for a row that is not there an insert, whose duplicate is updated after all. */
const upsert =
  /^begin transaction;\n(.+);\nif @@rowcount = 0 begin\nbegin try\n(.+)\nend try\nbegin catch\nif error_number\(\) not in \(2601, 2627\) throw;\n\1\nend catch\nend$/;

/** What a text of the service's driver makes the server do. */
export interface ReadText {
  readonly begins: boolean;
  readonly statements: readonly string[];
  readonly commits: boolean;
  /** Writes that each begin and end a transaction of their own, in place of all this. */
  readonly upserts: readonly Upsert[];
}

/** Two statements, of which the second is for a row that the first does not find. */
export interface Upsert {
  readonly update: string;
  readonly insert: string;
}

/** Takes a text apart as SQL Server would run it: a statement after a guard only when those before it have succeeded. */
export function readText(sql: string): ReadText {
  if (sql.endsWith(lateEnding)) return readUpserts(sql);
  const begins = sql.startsWith(beginning);
  const statements = (begins ? sql.slice(beginning.length) : sql).split(guard);
  const commits = statements.at(-1) === ending;
  return { begins, statements: commits ? statements.slice(0, -1) : statements, commits, upserts: [] };
}

/** @throws Error for a text that does not begin, insert, catch and end as it should */
function readUpserts(sql: string): ReadText {
  const texts = sql.slice(0, -lateEnding.length).split(`${lateEnding};\n`);
  const upserts = texts.map((text): Upsert => {
    const [, update, insert] = upsert.exec(text) ?? [];
    if (update === undefined || insert === undefined) throw new Error(`this is no write of its own: ${text}`);
    return { update, insert };
  });
  const statements = upserts.flatMap(({ update, insert }) => [update, insert]);
  return { begins: false, statements, commits: false, upserts };
}

/** A statement with its parameters numbered from 1, as it would be sent by itself. */
export function alone(statement: string, parameters: readonly unknown[]): { sql: string; parameters: unknown[] } {
  const numbers: number[] = [];
  const sql = statement.replaceAll(/(?<!@)@(\d+)/g, (_, number: string) => {
    if (!numbers.includes(Number(number))) numbers.push(Number(number));
    return `@${numbers.indexOf(Number(number)) + 1}`;
  });
  return { sql, parameters: numbers.map((number) => parameters[number - 1]) };
}
