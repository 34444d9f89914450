import type { Kysely } from "kysely";
import { repeatable } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { isDuplicate } from "../platform/database/errors.ts";
import {
  allIndexes,
  candidateNames,
  claimIndex,
  type Candidates,
  type IndexSlice,
} from "../platform/database/free-index.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { isId, type Tables } from "./tables.ts";

/** An access token that a client holds for itself. */
export interface ClientToken {
  /** The `jti` of the token. */
  readonly id: string;
  readonly clientId: string;
  readonly expiresAt: Date;
}

export type ClientTokenStore = ReturnType<typeof createClientTokenStore>;

/** The queries on `client_tokens`. */
export function createClientTokenStore(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    /** Notes a token before it is issued. @returns its place among the client tokens of the status list */
    begin: (token: ClientToken): Promise<number> =>
      claimIndex({
        taken: async (candidates) => (await selectTaken(db, candidates)).map(({ status_index: index }) => index),
        take: (index) => insertOrFindOwn(db, token, index),
      }),

    /** Whether a token of this client is neither revoked nor expired. */
    async isLive({ id, clientId }: Pick<ClientToken, "id" | "clientId">, now: Date): Promise<boolean> {
      if (!isId(id) || !isId(clientId)) return false;
      const live = db
        .selectFrom("client_tokens")
        .select("id")
        .where("id", "=", id)
        .where("client_id", "=", clientId)
        .where("revoked_at", "is", null)
        .where("expires_at", ">", now);
      return (await live.executeTakeFirst()) !== undefined;
    },

    /** Revokes a token of this client. @returns whether it was this call that did */
    async revoke({ id, clientId }: Pick<ClientToken, "id" | "clientId">, now: Date): Promise<boolean> {
      if (!isId(id) || !isId(clientId)) return false;
      const update = db
        .updateTable("client_tokens")
        .set({ revoked_at: now })
        .where("id", "=", id)
        .where("client_id", "=", clientId)
        .where("revoked_at", "is", null)
        .returning("id");
      return (await repeatable(() => update.executeTakeFirst())) !== undefined;
    },

    /** The places of tokens that were revoked after `since`, in their order: all, or the first of a slice. */
    revokedSince: (since: Date, slice?: IndexSlice): Promise<number[]> => revokedSince(db, since, slice),

    /** The highest place in use; undefined when there is no token. */
    highestStatusIndex: () => highestStatusIndex(db),

    /** Removes at most `limit` tokens that have expired by `now`. @returns how many */
    async purge(limit: number, now: Date): Promise<number> {
      const removed = await db
        .deleteFrom("client_tokens")
        .where("id", "in", (query) =>
          query
            .selectFrom("client_tokens")
            .select("id")
            .where("expires_at", "<=", now)
            .orderBy("expires_at")
            .limit(limit),
        )
        .returning("id")
        .execute();
      return removed.length;
    },
  };
}

async function revokedSince(
  db: Kysely<Tables>,
  since: Date,
  { first, last, limit }: IndexSlice = allIndexes,
): Promise<number[]> {
  const rows = await db
    .selectFrom("client_tokens")
    .select("status_index")
    .where("status_index", ">=", first)
    .where("status_index", "<=", last)
    .where("revoked_at", "is not", null)
    .where("revoked_at", ">", since)
    .orderBy("status_index")
    .limit(limit)
    .execute();
  return rows.map(({ status_index: index }) => index);
}

const selectTaken = prepared((db: Kysely<Tables>, param: ParameterOf<Candidates>) =>
  db.selectFrom("client_tokens").select("status_index").where("status_index", "in", candidateNames.map(param)),
);

async function highestStatusIndex(db: Kysely<Tables>): Promise<number | undefined> {
  const highest = db
    .selectFrom("client_tokens")
    .select("status_index")
    .where("status_index", ">=", 0)
    .orderBy("status_index", "desc")
    .limit(1);
  return (await highest.executeTakeFirst())?.status_index;
}

/** Where the answer was lost the insert runs again; the id tells whether the row that is in the way is its own. */
async function insertOrFindOwn(
  db: Kysely<Tables>,
  { id, clientId, expiresAt }: ClientToken,
  index: number,
): Promise<number | undefined> {
  const row = { id, client_id: clientId, status_index: index, expires_at: expiresAt, revoked_at: null };
  if (!(await isDuplicate(repeatable(() => db.insertInto("client_tokens").values(row).execute())))) return index;
  const own = db.selectFrom("client_tokens").select("status_index").where("id", "=", id);
  return (await own.executeTakeFirst())?.status_index;
}
