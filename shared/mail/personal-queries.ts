import type { MailQueries } from "./tables.ts";

/** The queries on the mails of one person; part of the outbox. */
export function createPersonalQueries(db: MailQueries) {
  return {
    /**
     * The newest mails about an account, up to `limit`, without what they say: that is sealed, and holds links. Not those to an
     * address that was asked for: there are such only if no other account has it, which would tell who has an account.
     */
    async listOf(accountId: string, limit: number) {
      return db
        .selectFrom("mail_outbox")
        .select(["id", "template", "recipient", "locale", "status", "created_at", "sent_at"])
        .where("user_id", "=", accountId)
        .where("template", "!=", "confirm_email")
        .orderBy("created_at", "desc")
        .limit(limit)
        .execute();
    },

    /** Removes up to `limit` mails about an account, and then as many to its address. @returns how many */
    async eraseSome({ accountId, email }: { accountId: string; email: string | null }, limit: number): Promise<number> {
      const own = db.selectFrom("mail_outbox").select("id").where("user_id", "=", accountId).limit(limit);
      const removed = await db.deleteFrom("mail_outbox").where("id", "in", own).returning("id").execute();
      if (email === null || removed.length >= limit) return removed.length;
      const sent = db.selectFrom("mail_outbox").select("id").where("recipient", "=", email).limit(limit);
      const others = await db.deleteFrom("mail_outbox").where("id", "in", sent).returning("id").execute();
      return removed.length + others.length;
    },
  };
}
