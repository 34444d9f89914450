import type { TokenQueries } from "./tables.ts";

/** The queries on all tokens of an account; part of the store. */
export function createSubjectQueries(db: TokenQueries) {
  return {
    /** The tokens of an account, up to `limit`, without what could be used. */
    async listOf(subjectId: string, limit: number) {
      return db
        .selectFrom("one_time_tokens")
        .select(["purpose", "email", "created_at", "expires_at", "consumed_at"])
        .where("subject_id", "=", subjectId)
        .limit(limit)
        .execute();
    },

    /** The unused token that undoes the latest change of an account's address: when it was issued, and expires. */
    async latestUndo(subjectId: string): Promise<{ readonly issuedAt: Date; readonly expiresAt: Date } | undefined> {
      const undos = await db
        .selectFrom("one_time_tokens")
        .select(["created_at", "expires_at"])
        .where("subject_id", "=", subjectId)
        .where("purpose", "=", "undo_email")
        .where("consumed_at", "is", null)
        .execute();
      const [latest] = undos.toSorted((one, other) => other.created_at.getTime() - one.created_at.getTime());
      return latest && { issuedAt: latest.created_at, expiresAt: latest.expires_at };
    },

    /**
     * Ends the undos that were issued after this token: what it undoes came before what they would restore. Earlier ones
     * stay.
     */
    async endLaterUndos({ tokenHash, subjectId }: { tokenHash: Buffer; subjectId: string }): Promise<void> {
      await db
        .deleteFrom("one_time_tokens")
        .where("subject_id", "=", subjectId)
        .where("purpose", "=", "undo_email")
        .where("consumed_at", "is", null)
        .where("created_at", ">", (query) =>
          query
            .selectFrom("one_time_tokens as used")
            .select("used.created_at")
            .where("used.token_hash", "=", tokenHash),
        )
        .execute();
    },

    /** Removes the tokens of an account, and those of registrations with its address, up to `limit` of each. */
    async eraseSome(
      { subjectId, emailNormalised }: { subjectId: string; emailNormalised: string | null },
      limit: number,
    ): Promise<number> {
      const own = db
        .selectFrom("one_time_tokens")
        .select("token_hash")
        .where("subject_id", "=", subjectId)
        .limit(limit);
      const removal = db.deleteFrom("one_time_tokens").where("token_hash", "in", own).returning("purpose");
      const removed = await removal.execute();
      if (emailNormalised === null) return removed.length;
      const registrations = db
        .selectFrom("one_time_tokens")
        .select("token_hash")
        .where("email_normalised", "=", emailNormalised)
        .where("purpose", "=", "verify_email")
        .limit(limit);
      const others = db.deleteFrom("one_time_tokens").where("token_hash", "in", registrations).returning("purpose");
      return removed.length + (await others.execute()).length;
    },
  };
}
