import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { TokenQueries } from "./tables.ts";

/** A token that undoes a change of an account's address. */
export interface Undo {
  /** The address that it restores. */
  readonly emailNormalised: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** The queries on all tokens of an account; part of the store. */
export function createSubjectQueries(db: TokenQueries) {
  return {
    /** The newest tokens of an account, up to `limit`, without what could be used. */
    async listOf(subjectId: string, limit: number) {
      return db
        .selectFrom("one_time_tokens")
        .select(["purpose", "email", "created_at", "expires_at", "consumed_at"])
        .where("subject_id", "=", subjectId)
        .orderBy("created_at", "desc")
        .limit(limit)
        .execute();
    },

    /** The tokens that may still undo a change of an account's address, in the order of the changes. */
    async liveUndos(subjectId: string, now: Date): Promise<Undo[]> {
      const undos = await db
        .selectFrom("one_time_tokens")
        .select(["email_normalised", "created_at", "expires_at"])
        .where("subject_id", "=", subjectId)
        .where("purpose", "=", "undo_email")
        .where("consumed_at", "is", null)
        .where("expires_at", ">", now)
        .orderBy("created_at")
        .execute();
      return undos.map((row) => ({
        emailNormalised: row.email_normalised,
        issuedAt: row.created_at,
        expiresAt: row.expires_at,
      }));
    },

    /** Lets the live undos of an account be used until `until` at least. Travels with the next statement. */
    prolongUndos: (subjectId: string, { now, until }: { now: Date; until: Date }): Promise<void> =>
      prolong.later(db, { subjectId, now, until }),

    /**
     * Ends the undos that were issued after an instant: the change before it came first. Earlier ones stay. Travels with
     * the next statement.
     */
    endUndosAfter: (subjectId: string, issuedAt: Date): Promise<void> => endAfter.later(db, { subjectId, issuedAt }),

    /**
     * Removes the tokens of an account, and those of registrations with its address, up to `limit` of each.
     * @returns how many, and the normalised addresses of the account's tokens: it had them all, because its deletion has
     * ended the tokens for those that were only asked for
     */
    async eraseSome(
      { subjectId, emailNormalised }: { subjectId: string; emailNormalised: string | null },
      limit: number,
    ): Promise<{ removed: number; addresses: string[] }> {
      const own = db
        .selectFrom("one_time_tokens")
        .select("token_hash")
        .where("subject_id", "=", subjectId)
        .limit(limit);
      const removal = db.deleteFrom("one_time_tokens").where("token_hash", "in", own).returning("email_normalised");
      const removed = await removal.execute();
      const addresses = removed.map(({ email_normalised: address }) => address);
      if (emailNormalised === null) return { removed: removed.length, addresses };
      const registrations = db
        .selectFrom("one_time_tokens")
        .select("token_hash")
        .where("email_normalised", "=", emailNormalised)
        .where("purpose", "=", "verify_email")
        .limit(limit);
      const others = db.deleteFrom("one_time_tokens").where("token_hash", "in", registrations).returning("purpose");
      return { removed: removed.length + (await others.execute()).length, addresses };
    },
  };
}

const prolong = prepared((db: TokenQueries, param: ParameterOf<{ subjectId: string; now: Date; until: Date }>) =>
  db
    .updateTable("one_time_tokens")
    .set({ expires_at: param("until") })
    .where("subject_id", "=", param("subjectId"))
    .where("purpose", "=", "undo_email")
    .where("consumed_at", "is", null)
    .where("expires_at", ">", param("now"))
    .where("expires_at", "<", param("until")),
);

const endAfter = prepared((db: TokenQueries, param: ParameterOf<{ subjectId: string; issuedAt: Date }>) =>
  db
    .deleteFrom("one_time_tokens")
    .where("subject_id", "=", param("subjectId"))
    .where("purpose", "=", "undo_email")
    .where("consumed_at", "is", null)
    .where("created_at", ">", param("issuedAt")),
);
