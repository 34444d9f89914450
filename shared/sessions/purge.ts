import type { SessionQueries } from "./tables.ts";

/** How many rows one step of a purge has removed. */
export type Purged = Readonly<Record<"refreshTokens" | "sessions", number>>;

/**
 * Removes some refresh tokens that have expired, and the sessions whose last token goes with them: nothing can come back
 * to such a session. To be called in a transaction.
 * @param limit the most tokens to remove; SQL Server locks a whole table at 5,000 rows of one statement
 */
export async function purge(db: SessionQueries, limit: number, now: Date): Promise<Purged> {
  const tokens = await db
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
  if (tokens.length === 0) return { refreshTokens: 0, sessions: 0 };
  const ids = new Set(tokens.map(({ session_id: id }) => id));
  const sessions = await db
    .deleteFrom("sessions")
    .where("id", "in", [...ids])
    .where((query) => {
      const left = query.selectFrom("refresh_tokens").select("session_id").whereRef("session_id", "=", "sessions.id");
      return query.not(query.exists(left));
    })
    .returning("id")
    .execute();
  return { refreshTokens: tokens.length, sessions: sessions.length };
}

/**
 * Takes their places from some sessions that ended long ago: their rows stay, since a late reuse is found by them.
 * @param limit the most places to take @param before when the last of them ended whose access tokens have all expired
 * @returns how many
 */
export async function freePlaces(db: SessionQueries, limit: number, before: Date): Promise<number> {
  const freed = await db
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
    .returning("id")
    .execute();
  return freed.length;
}
