import type { Kysely } from "kysely";
import { addSeconds } from "../platform/clock.ts";
import { repeatable } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { isDuplicate } from "../platform/database/errors.ts";
import {
  allIndexes,
  candidates,
  claimIndex,
  firstFree,
  type Draws,
  type IndexSlice,
} from "../platform/database/free-index.ts";
import { prepared, runLast, type ParameterOf } from "../platform/database/prepared.ts";
import { isId, type Tables } from "./tables.ts";

/** An access token that a client holds for itself. */
export interface ClientToken {
  /** The `jti` of the token. */
  readonly id: string;
  readonly clientId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export type ClientTokenStore = ReturnType<typeof createClientTokenStore>;

/** The queries on `client_tokens`. */
export function createClientTokenStore(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    /** Records a token before it is issued; may be called in a transaction. @returns its status index among client tokens */
    begin: (token: ClientToken): Promise<number> => begin(db, token),

    /** Whether this client's token is neither revoked nor expired. */
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

    /** Revokes this client's token, in the last statement of a transaction or by itself. @returns whether this call did it */
    async revoke({ id, clientId }: Pick<ClientToken, "id" | "clientId">, now: Date): Promise<boolean> {
      if (!isId(id) || !isId(clientId)) return false;
      const update = db
        .updateTable("client_tokens")
        .set({ revoked_at: now })
        .where("id", "=", id)
        .where("client_id", "=", clientId)
        .where("revoked_at", "is", null)
        .returning("id");
      return (await repeatable(() => runLast(db, update.compile()))).length > 0;
    },

    /** The status indexes of tokens revoked after `since`, in order: all of them, or the first of a slice. */
    revokedSince: (since: Date, slice?: IndexSlice): Promise<number[]> => revokedSince(db, since, slice),

    /** The highest status index in use; undefined if there is no token. */
    highestStatusIndex: () => highestStatusIndex(db),

    /** Whether a release older than sharding issued a token that expires after `since`. */
    async isUsedByReleaseBefore(since: Date): Promise<boolean> {
      const issued = db
        .selectFrom("client_tokens")
        .select("id")
        .where("issued_at", "is", null)
        .where("expires_at", ">", since)
        .limit(1);
      return (await issued.executeTakeFirst()) !== undefined;
    },

    /** Removes up to `limit` tokens that have expired by `now`. @returns how many */
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

/** How long an expired token is kept, because clocks differ. */
const clientTokenKeptSeconds = 120;

/** See `begin`. May take over the index of an expired token, whose row is then removed ahead of the nightly purge. */
async function begin(db: Kysely<Tables>, token: ClientToken): Promise<number> {
  const expiredBefore = addSeconds(token.issuedAt, -clientTokenKeptSeconds);
  return claimIndex(async (draws) => {
    await repeatable(() => removeExpired.later(db, { ...draws, expiredBefore }));
    return insertOrFindOwn(db, { ...token, ...draws });
  });
}

/**
 * Removes expired rows among the candidates. A revoked one stays for the purge: a verifier may still hold a list that
 * says so.
 */
const removeExpired = prepared((db: Kysely<Tables>, param: ParameterOf<Draws & { expiredBefore: Date }>) =>
  db
    .deleteFrom("client_tokens")
    .where("status_index", "in", db.selectFrom(candidates(db, param)).select("candidate"))
    .where("expires_at", "<=", param("expiredBefore"))
    .where("revoked_at", "is", null),
);

/** If the answer is lost, the insert runs again; the id tells whether the conflicting row is its own. */
async function insertOrFindOwn(db: Kysely<Tables>, token: NewRow): Promise<number | undefined> {
  let inserted: { status_index: number }[] = [];
  const insert = async () => (inserted = await insertToken(db, token));
  if (!(await isDuplicate(repeatable(insert)))) return inserted[0]?.status_index;
  const own = db.selectFrom("client_tokens").select("status_index").where("id", "=", token.id);
  return (await own.executeTakeFirst())?.status_index;
}

type NewRow = Pick<ClientToken, keyof ClientToken> & Draws;

const insertToken = prepared((db: Kysely<Tables>, param: ParameterOf<NewRow>) =>
  db
    .insertInto("client_tokens")
    .columns(["id", "client_id", "issued_at", "expires_at", "status_index"])
    .expression(
      firstFree(db, "client_tokens", param)
        .clearSelect()
        .select((row) => [
          row.val(param("id")).as("id"),
          row.val(param("clientId")).as("client_id"),
          row.val(param("issuedAt")).as("issued_at"),
          row.val(param("expiresAt")).as("expires_at"),
        ])
        .select("candidate"),
    )
    .returning("status_index"),
);

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

async function highestStatusIndex(db: Kysely<Tables>): Promise<number | undefined> {
  const highest = db
    .selectFrom("client_tokens")
    .select("status_index")
    .where("status_index", ">=", 0)
    .orderBy("status_index", "desc")
    .limit(1);
  return (await highest.executeTakeFirst())?.status_index;
}
