import type { SessionQueries } from "./tables.ts";

/** How many rows one step of a purge removed. */
export type Purged = Readonly<Record<"refreshTokens" | "sessions", number>>;

/** The queries that remove expired rows; part of the session store. */
export function createPurgeQueries(db: SessionQueries) {
  return {
    /**
     * Removes expired refresh tokens, and the sessions that have no other token: nothing can come back to such a
     * session. Call it in a transaction.
     * @param limit the most tokens to remove; SQL Server locks a whole table at 5,000 rows per statement
     */
    async purge(limit: number, now: Date): Promise<Purged> {
      const tokens = await removeExpiredTokens(db, limit, now);
      if (tokens.length === 0) return { refreshTokens: 0, sessions: 0 };
      const sessions = await removeEmptySessions(db, [...new Set(tokens.map(({ session_id: id }) => id))]);
      return { refreshTokens: tokens.length, sessions: sessions.length };
    },

    /**
     * Frees the status indexes of sessions that ended long ago. Their rows stay, because a late reuse is detected with
     * them.
     * @param limit the most indexes to free
     * @param before sessions that ended by then have no valid access tokens left
     * @returns how many
     */
    async freeStatusIndexes(limit: number, before: Date): Promise<number> {
      const freed = db
        .updateTable("sessions")
        .set({ status_index: null })
        .where("id", "in", (query) =>
          query
            .selectFrom("sessions")
            .select("id")
            .where("ended_at", "is not", null)
            .where("status_index", "is not", null)
            .where("ended_at", "<=", before)
            .orderBy("ended_at")
            .limit(limit),
        )
        .returning("id");
      return (await freed.execute()).length;
    },
  };
}

function removeExpiredTokens(db: SessionQueries, limit: number, now: Date) {
  return db
    .deleteFrom("refresh_tokens")
    .where("token_hash", "in", (query) =>
      query
        .selectFrom("refresh_tokens")
        .select("token_hash")
        .where("expires_at", "<=", now)
        .orderBy("expires_at")
        .limit(limit),
    )
    .returning("session_id")
    .execute();
}

function removeEmptySessions(db: SessionQueries, ids: readonly string[]) {
  return db
    .deleteFrom("sessions")
    .where("id", "in", ids)
    .where((query) => {
      const left = query.selectFrom("refresh_tokens").select("session_id").whereRef("session_id", "=", "sessions.id");
      return query.not(query.exists(left));
    })
    .returning("id")
    .execute();
}
