import type { SelectQueryBuilder } from "kysely";
import type { MailQueries, Tables } from "./tables.ts";

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

    /**
     * Removes up to `limit` mails to an account's address, as many about no account to the addresses that it had, and,
     * once there are none of those, as many about the account: they name the addresses.
     * @returns how many, and the addresses of those about the account
     */
    async eraseSome(
      { accountId, email }: { accountId: string; email: string | null },
      limit: number,
    ): Promise<{ removed: number; recipients: string[] }> {
      const mails = db.selectFrom("mail_outbox").select("id").limit(limit);
      // An address that was asked for may be somebody else's. The mail to one that was confirmed is not the only one.
      const had = db.selectFrom("mail_outbox").select("recipient").where("template", "!=", "confirm_email");
      const former = had.where("user_id", "=", accountId).where("recipient", "is not", null);
      const registrations = mails.where("user_id", "is", null).where("recipient", "in", former);
      const toOthers = await removeThese(db, registrations);
      const toOwn = email === null ? [] : await removeThese(db, mails.where("recipient", "=", email));
      const before = toOthers.length + toOwn.length;
      if (before >= limit) return { removed: before, recipients: [] };
      const own = await removeThese(db, mails.where("user_id", "=", accountId));
      return { removed: before + own.length, recipients: own.flatMap(({ recipient }) => recipient ?? []) };
    },
  };
}

const removeThese = (db: MailQueries, ids: SelectQueryBuilder<Tables, "mail_outbox", { id: string }>) =>
  db.deleteFrom("mail_outbox").where("id", "in", ids).returning("recipient").execute();
