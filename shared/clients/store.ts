import type { Queries } from "../platform/database/database.ts";
import { isId, type ClientsTable, type Tables } from "./tables.ts";

export type ClientStore = ReturnType<typeof createClientStore>;

/** The service's queries on `clients`, a table that it cannot write. */
export function createClientStore(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    /** A client with the hash of its secret; undefined if unknown. */
    async find(id: string): Promise<ClientsTable | undefined> {
      if (!isId(id)) return undefined;
      return db.selectFrom("clients").selectAll().where("id", "=", id).executeTakeFirst();
    },
  };
}
