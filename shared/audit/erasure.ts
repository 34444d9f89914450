import { sql, type Kysely } from "kysely";
import type { AuditTables } from "./chain/event-store.ts";

/**
 * For how many days an event about nobody keeps where it came from and part of the address that was typed: it may be of
 * somebody whose account is erased, and nothing in it leads there.
 */
export const nobodyDays = 30;

/**
 * The queries that take a person out of the audit log. The events stay in their chains, which still verify: their hashes
 * cover only a digest of what goes.
 */
export function createErasureQueries(db: Kysely<AuditTables>) {
  return {
    /**
     * Takes what is personal out of up to `limit` events of an account, by its audit id, and as many that its owner did
     * to others.
     * @returns how many; fewer than `limit` once none is left
     */
    async erase(auditId: string, limit: number): Promise<number> {
      const kept = idsOf(db).where("personal_salt", "is not", null).limit(limit);
      // A person acts on their own account, which the first finds. The condition is that of the index.
      const done = kept.where("actor", "=", sql.lit("administrator")).where("actor_id", "=", auditId);
      const own = await clear(db, kept.where("subject_id", "=", auditId));
      return Math.max(own, await clear(db, done));
    },

    /** Takes what is personal out of up to `limit` events about nobody from before an instant. @returns how many */
    async eraseAboutNobody(before: Date, limit: number): Promise<number> {
      const kept = idsOf(db).where("personal_salt", "is not", null);
      const about = kept.where("actor", "=", sql.lit("anonymous")).where("subject_id", "is", null);
      return clear(db, about.where("created_at", "<", before).orderBy("created_at").limit(limit));
    },

    /** The audit ids of accounts that were erased since, as the log says, the latest first. */
    async erasedSince(since: Date): Promise<string[]> {
      const rows = await db
        .selectFrom("audit_events")
        .select("subject_id")
        .where("type", "=", sql.lit("account.erased"))
        .where("created_at", ">=", since)
        .orderBy("created_at", "desc")
        .execute();
      return [...new Set(rows.flatMap(({ subject_id: id }) => id ?? []))];
    },
  };
}

type Some = ReturnType<ReturnType<typeof idsOf>["where"]>;
const idsOf = (db: Kysely<AuditTables>) => db.selectFrom("audit_events").select("id");

async function clear(db: Kysely<AuditTables>, some: Some): Promise<number> {
  const update = db.updateTable("audit_events").set({ personal: null, personal_salt: null });
  return (await update.where("id", "in", some).returning("id").execute()).length;
}
