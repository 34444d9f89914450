const beginning = "begin transaction;\n";
const guard = ";\nif @@error <> 0 return;\n";
const ending = "commit transaction";

/** What a text of the service's driver makes the server do. */
export interface ReadText {
  readonly begins: boolean;
  readonly statements: readonly string[];
  readonly commits: boolean;
}

/** Takes a text apart as SQL Server would run it: a statement after a guard only when those before it have succeeded. */
export function readText(sql: string): ReadText {
  const begins = sql.startsWith(beginning);
  const statements = (begins ? sql.slice(beginning.length) : sql).split(guard);
  const commits = statements.at(-1) === ending;
  return { begins, statements: commits ? statements.slice(0, -1) : statements, commits };
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
