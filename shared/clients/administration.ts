import { repeatable } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { isDuplicate } from "../platform/database/errors.ts";
import { createClientStore } from "./store.ts";
import { isId, type ClientsTable, type Tables } from "./tables.ts";
import type { ClientUse } from "./use-queries.ts";

/** A client as operators see it. */
export type ClientRecord = Omit<ClientsTable, "secret_hash">;

/** A client that was not used for long. */
export type UnusedClient = Pick<ClientsTable, "id" | "name" | "created_at"> & ClientUse;

export type ClientAdministration = ReturnType<typeof createClientAdministration>;

/**
 * What operators do with `clients`; disabling one also revokes its tokens. The service itself may only read this table,
 * so an attacker who takes it over cannot create a client that outlives the attack.
 */
export function createClientAdministration(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    ...createClientStore(queries),

    /**
     * Adds a client. The caller chooses a random id, so a row that already has it comes from an earlier run whose
     * answer was lost.
     */
    async create(client: Omit<ClientsTable, "disabled_at">): Promise<void> {
      const insert = db.insertInto("clients").values({ ...client, disabled_at: null });
      await isDuplicate(repeatable(() => insert.execute()));
    },

    /** All clients, oldest first. */
    async list(): Promise<ClientRecord[]> {
      const all = await db.selectFrom("clients").select(clientColumns).execute();
      return all.toSorted((one, other) => one.created_at.getTime() - other.created_at.getTime());
    },

    /** The enabled clients that were not used since an instant, oldest first; those never used count by when they were made. */
    async unusedSince(since: Date): Promise<UnusedClient[]> {
      const rows = await db
        .selectFrom("clients")
        .leftJoin("client_uses", "client_uses.client_id", "clients.id")
        .select(["clients.id", "name", "created_at", "client_uses.last_used_at"])
        .where("disabled_at", "is", null)
        .where("created_at", "<", since)
        .where((row) => row.or([row("last_used_at", "is", null), row("last_used_at", "<", since)]))
        .execute();
      return rows.toSorted((one, other) => one.created_at.getTime() - other.created_at.getTime());
    },

    /** Replaces the secret; the old one is refused from now on. @returns false for an unknown client */
    async replaceSecret(id: string, secretHash: Buffer): Promise<boolean> {
      if (!isId(id)) return false;
      const update = db.updateTable("clients").set({ secret_hash: secretHash }).where("id", "=", id).returning("id");
      return (await repeatable(() => update.executeTakeFirst())) !== undefined;
    },

    /**
     * Disables a client, then revokes its tokens. The order matters: issuing a token checks the client again after
     * writing the token.
     * @returns how many tokens this call revoked; undefined for an unknown client
     */
    async disable(id: string, now: Date): Promise<number | undefined> {
      if (!isId(id)) return undefined;
      const client = db
        .updateTable("clients")
        .set((query) => ({ disabled_at: query.fn.coalesce("disabled_at", query.val(now)) }))
        .where("id", "=", id)
        .returning("id");
      if (!(await repeatable(() => client.executeTakeFirst()))) return undefined;
      const tokens = db
        .updateTable("client_tokens")
        .set({ revoked_at: now })
        .where("client_id", "=", id)
        .where("revoked_at", "is", null)
        .where("expires_at", ">", now)
        .returning("id");
      return (await repeatable(() => tokens.execute())).length;
    },
  };
}

const clientColumns = ["id", "name", "scope", "created_at", "disabled_at"] as const;
