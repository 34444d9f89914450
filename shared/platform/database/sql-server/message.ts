import type { Statement } from "./link.ts";

/** Statements that are sent together. */
export interface Message {
  /** Whether it begins a transaction. */
  readonly begins?: boolean;
  /** Writes whose results nobody waits for, in order. */
  readonly before: readonly Statement[];
  /** The statement whose result is awaited. */
  readonly last?: Statement;
  /** Whether the commit comes at the end; always without `last`. */
  readonly commits?: boolean;
}

/**
 * Joins statements into one text; each runs only if the one before it succeeded. The text goes to `sp_executesql` with
 * all the parameters. Those of `last` keep their numbers.
 */
export function compose({ begins = false, before, last, commits = !last }: Message): Statement {
  const parameters = [...(last?.parameters ?? [])];
  const lines = begins ? ["begin transaction"] : [];
  for (const statement of before) {
    lines.push(shiftParameters(statement.sql, parameters.length), stopOnError);
    parameters.push(...statement.parameters);
  }
  if (last) lines.push(last.sql);
  if (last && commits) lines.push(stopOnError);
  if (commits) lines.push("commit transaction");
  return { sql: lines.join(";\n"), parameters };
}

/** Stops after a failed statement: SQL Server would continue with the next one. */
const stopOnError = "if @@error <> 0 return";

/** Adds `by` to the number of each parameter. Other names, such as `@@error`, stay unchanged. */
function shiftParameters(sql: string, by: number): string {
  return sql.replaceAll(/(?<!@)@(\d+)/g, (_, number: string) => `@${Number(number) + by}`);
}
