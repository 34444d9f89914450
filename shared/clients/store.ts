import type { Queries } from "../platform/database/database.ts";
import { isId, type ClientsTable, type Tables } from "./tables.ts";
import { noteClientUse, type ClientUse } from "./use-queries.ts";

export type ClientStore = ReturnType<typeof createClientStore>;

/** A client with the hash of its secret, and when it was last used. */
export type FoundClient = ClientsTable & ClientUse;

/** The service's queries on `clients`, a table that it cannot write, and on their uses. */
export function createClientStore(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    /** A client; undefined if unknown. */
    async find(id: string): Promise<FoundClient | undefined> {
      if (!isId(id)) return undefined;
      return db
        .selectFrom("clients")
        .leftJoin("client_uses", "client_uses.client_id", "clients.id")
        .selectAll("clients")
        .select("client_uses.last_used_at")
        .where("clients.id", "=", id)
        .executeTakeFirst();
    },

    /** Writes down that a client is used, once a day. */
    noteUse: (client: ClientUse, now: Date): Promise<void> => noteClientUse(db, client, now),
  };
}
