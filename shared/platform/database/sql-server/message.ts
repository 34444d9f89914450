import type { Statement } from "./link.ts";

/** What travels to the server together. */
export interface Message {
  /** Whether a transaction begins with it. */
  readonly begins?: boolean;
  /** Writes whose results nobody waits for, in their order. */
  readonly before: readonly Statement[];
  /** The statement whose result is awaited; none where the commit travels with the others. */
  readonly last?: Statement;
}

/** Ends the message after a statement that failed: SQL Server would go on with the next one. */
const stopOnError = "if @@error <> 0 return";

/**
 * Makes one text of several statements, each of which runs only after the one before has succeeded. The text goes to
 * `sp_executesql` with the parameters of all. Those of `last` keep their numbers.
 */
export function compose({ begins = false, before, last }: Message): Statement {
  const parameters = [...(last?.parameters ?? [])];
  const lines = begins ? ["begin transaction"] : [];
  for (const statement of before) {
    lines.push(shiftParameters(statement.sql, parameters.length), stopOnError);
    parameters.push(...statement.parameters);
  }
  lines.push(last?.sql ?? "commit transaction");
  return { sql: lines.join(";\n"), parameters };
}

/** Adds `by` to the number of each parameter. Names of other kinds, such as `@@error`, stay. */
function shiftParameters(sql: string, by: number): string {
  return sql.replaceAll(/(?<!@)@(\d+)/g, (_, number: string) => `@${Number(number) + by}`);
}
