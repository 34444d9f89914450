import type { Kysely } from "kysely";
import type { AuditTables } from "./chain/event-store.ts";

/** The queries that remove old events from the audit log. */
export function createRetentionQueries(db: Kysely<AuditTables>) {
  const before = (instant: Date) => db.selectFrom("audit_events").select("id").where("created_at", "<", instant);
  return {
    /** Whether there are events from before an instant. */
    async hasOlder(instant: Date): Promise<boolean> {
      return (await before(instant).limit(1).executeTakeFirst()) !== undefined;
    },

    /** Removes up to `limit` events from before an instant, the oldest first. @returns how many */
    async removeOlder(instant: Date, limit: number): Promise<number> {
      const oldest = before(instant).orderBy("created_at").orderBy("chain_id").orderBy("seq").limit(limit);
      return (await db.deleteFrom("audit_events").where("id", "in", oldest).returning("id").execute()).length;
    },
  };
}
