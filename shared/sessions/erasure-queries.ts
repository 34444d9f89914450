import type { SessionQueries } from "./tables.ts";

/** A session as its owner may see it, whether live or ended. */
export type SessionRecord = Awaited<ReturnType<ReturnType<typeof createErasureQueries>["listAll"]>>[number];

/** The queries on all sessions of an account, ended ones too; part of the session store. */
export function createErasureQueries(db: SessionQueries) {
  return {
    /** The newest sessions of an account, up to `limit`. */
    async listAll(accountId: string, limit: number) {
      return db
        .selectFrom("sessions")
        .select(["id", "created_at", "expires_at", "ended_at", "end_reason", "authenticated_at", "amr"])
        .select(["last_used_at", "address", "user_agent"])
        .where("user_id", "=", accountId)
        .orderBy("created_at", "desc")
        .limit(limit)
        .execute();
    },

    /**
     * Removes up to `limit` refresh tokens of an account, and once there are none, as many of its sessions. For an
     * account that is erased: no access token of it may be valid any more.
     * @returns how many rows
     */
    async eraseSome(accountId: string, limit: number): Promise<number> {
      const tokens = await removeTokens(db, accountId, limit);
      return tokens < limit ? tokens + (await removeSessions(db, accountId, limit - tokens)) : tokens;
    },
  };
}

async function removeTokens(db: SessionQueries, accountId: string, limit: number): Promise<number> {
  const some = db
    .selectFrom("sessions")
    .innerJoin("refresh_tokens", "refresh_tokens.session_id", "sessions.id")
    .select("refresh_tokens.token_hash")
    .where("sessions.user_id", "=", accountId)
    .limit(limit);
  const removal = db.deleteFrom("refresh_tokens").where("token_hash", "in", some).returning("session_id");
  return (await removal.execute()).length;
}

async function removeSessions(db: SessionQueries, accountId: string, limit: number): Promise<number> {
  const some = db.selectFrom("sessions").select("id").where("user_id", "=", accountId).limit(limit);
  return (await db.deleteFrom("sessions").where("id", "in", some).returning("id").execute()).length;
}
