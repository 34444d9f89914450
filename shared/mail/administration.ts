import { sql } from "kysely";
import { repeatable } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { isFree, isWaiting } from "./delivery/queries.ts";
import type { MailOutboxTable, MailQueries, Tables } from "./tables.ts";

/** A mail as operators see it: nothing that it says. */
export type ListedMail = Omit<MailOutboxTable, "sealed_data" | "claim_id" | "slot_at"> & {
  /** Whether what it says is still there. */
  readonly has_data: boolean;
};

export type MailAdministration = ReturnType<typeof createMailAdministration>;

/** What operators do with the outbox, as themselves: not the service's identity. */
export function createMailAdministration(queries: Queries) {
  const db = queries.withTables<Tables>();
  const listed = listedMails(db);
  return {
    /** The mails that are not done with, the newest first: those that wait, and those that were given up. */
    async unfinished(limit: number): Promise<ListedMail[]> {
      const rows = await Promise.all(
        (["waiting", "dead", "suppressed"] as const).map((status) =>
          listed
            .where("created_at", ">", new Date(0))
            .where("status", "=", status)
            .orderBy("created_at", "desc")
            .limit(limit)
            .execute(),
        ),
      );
      return rows
        .flat()
        .map(shown)
        .toSorted((one, other) => other.created_at.getTime() - one.created_at.getTime())
        .slice(0, limit);
    },

    /** A mail; undefined if there is none. */
    async find(id: string): Promise<ListedMail | undefined> {
      const row = await listed.where("id", "=", id).executeTakeFirst();
      return row && shown(row);
    },

    /**
     * Has a mail sent whose data is still there. It is tried again if its day of attempts is not over, otherwise once.
     * @returns whether it had been given up or stopped, and still has its data
     */
    async revive(id: string, now: Date): Promise<boolean> {
      const update = db
        .updateTable("mail_outbox")
        .set({ status: "waiting", attempts: 0, due_at: now, failure: null, slot_at: null })
        .where("id", "=", id)
        .where("status", "in", ["dead", "suppressed"])
        .where("sealed_data", "is not", null)
        .returning("id");
      return (await repeatable(() => update.executeTakeFirst())) !== undefined;
    },

    /**
     * Has a mail tried now that waits for its next attempt.
     * @returns whether it waited, no worker was sending it, and it has no later place in the quota
     */
    async bringForward(id: string, now: Date): Promise<boolean> {
      const update = db
        .updateTable("mail_outbox")
        .set({ due_at: now })
        .where("id", "=", id)
        .where(isWaiting)
        .where(isFree(now))
        .where((row) => row.or([row("slot_at", "is", null), row("slot_at", "<=", now)]))
        .returning("id");
      return (await repeatable(() => update.executeTakeFirst())) !== undefined;
    },

    /** Allows mail to an address again. */
    async allow(address: string): Promise<void> {
      await repeatable(() => db.deleteFrom("mail_suppressions").where("address", "=", address).execute());
    },
  };
}

const listedMails = (db: MailQueries) =>
  db
    .selectFrom("mail_outbox")
    .select([
      "id",
      "user_id",
      "template",
      "recipient",
      "locale",
      "status",
      "attempts",
      "due_at",
      "claimed_until",
      "created_at",
      "sent_at",
      "failure",
    ])
    .select(sql<number>`case when sealed_data is null then 0 else 1 end`.as("has_data"));

const shown = (row: Omit<ListedMail, "has_data"> & { has_data: number }): ListedMail => ({
  ...row,
  has_data: row.has_data === 1,
});
