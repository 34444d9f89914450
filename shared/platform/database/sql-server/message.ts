import { CompiledQuery } from "kysely";
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

/**
 * Joins writes into one text: each updates its row or inserts it, in a transaction of its own, whose commit does not
 * wait for the log where the database allows that (`DELAYED_DURABILITY = ALLOWED`). If somebody else inserts the row in
 * between, it is updated after all.
 */
export function composeUpserts(upserts: readonly { readonly update: Statement; readonly insert: Statement }[]) {
  const parameters: unknown[] = [];
  const add = (statement: Statement) => {
    const text = shiftParameters(statement.sql, parameters.length);
    parameters.push(...statement.parameters);
    return text;
  };
  const texts = upserts.map(({ update, insert }) => upsertText(add(update), add(insert)));
  return CompiledQuery.raw(texts.join(";\n"), parameters);
}

const upsertText = (update: string, insert: string) => `begin transaction;
${update};
if @@rowcount = 0 begin
begin try
${insert}
end try
begin catch
if error_number() not in (2601, 2627) throw;
${update}
end catch
end;
commit transaction with (delayed_durability = on)`;

/** Stops after a failed statement: SQL Server would continue with the next one. */
const stopOnError = "if @@error <> 0 return";

/** Adds `by` to the number of each parameter. Other names, such as `@@error`, stay unchanged. */
function shiftParameters(sql: string, by: number): string {
  return sql.replaceAll(/(?<!@)@(\d+)/g, (_, number: string) => `@${Number(number) + by}`);
}
