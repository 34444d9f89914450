import { isFree, isWaiting } from "./queries.ts";
import type { MailQueries } from "../tables.ts";

/** The queries that look after mails that nobody is sending; part of the outbox. */
export function createUpkeepQueries(db: MailQueries) {
  return {
    /**
     * Takes mails that should have been sent by `dueBy`, to put them back into the queue. They are due from `now`, so
     * that others do not take them at once.
     * @param limit the most to take
     */
    async takeOverdue({ dueBy, now, limit }: { dueBy: Date; now: Date; limit: number }): Promise<readonly string[]> {
      const update = db
        .updateTable("mail_outbox")
        .set({ due_at: now })
        .where("id", "in", (overdue) =>
          overdue
            .selectFrom("mail_outbox")
            .select("id")
            .where(isWaiting)
            .where("due_at", "<=", dueBy)
            .where(isFree(now))
            .orderBy("due_at")
            .limit(limit),
        )
        .returning("id");
      return (await update.execute()).map(({ id }) => id);
    },

    /** Removes up to `limit` mails that were posted before `before`, however they ended. @returns how many */
    async purge(limit: number, before: Date): Promise<number> {
      const removed = db
        .deleteFrom("mail_outbox")
        .where("id", "in", (old) =>
          old
            .selectFrom("mail_outbox")
            .select("id")
            .where("created_at", "<=", before)
            .orderBy("created_at")
            .limit(limit),
        )
        .returning("id");
      return (await removed.execute()).length;
    },
  };
}
