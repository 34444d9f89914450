import type { CompiledQuery, Kysely } from "kysely";
import { repeatable } from "./budget.ts";
import { composeUpserts } from "./sql-server/message.ts";

/** A row to update or, if it does not exist, to insert. Both queries return the same columns of it. */
export interface Upsert {
  readonly update: CompiledQuery;
  readonly insert: CompiledQuery;
}

/**
 * Writes rows that a crash may set back by moments, such as counters: each in a transaction of its own, so that nobody
 * who writes several waits for one with another in hand. A write whose answer was lost may be made once more.
 * @returns a row for each, in order
 * @throws DatabaseUnavailable
 */
export type WriteVolatile = <R>(upserts: readonly Upsert[]) => Promise<R[]>;

/** On SQL Server: all of them in one message. */
export function upsertTogether(queries: Kysely<object>): WriteVolatile {
  return async <R>(upserts: readonly Upsert[]) => {
    const message = composeUpserts(upserts);
    return (await repeatable(() => queries.executeQuery<R>(message))).rows;
  };
}

type Transact = <T>(work: (queries: Kysely<object>) => Promise<T>) => Promise<T>;

/** On the embedded engine: one after the other. */
export function upsertEach(transact: Transact): WriteVolatile {
  return async <R>(upserts: readonly Upsert[]) => {
    const rows: R[] = [];
    for (const { update, insert } of upserts)
      rows.push(
        ...(await transact(async (queries) => {
          const updated = (await queries.executeQuery<R>(update)).rows;
          return updated.length > 0 ? updated : (await queries.executeQuery<R>(insert)).rows;
        })),
      );
    return rows;
  };
}
