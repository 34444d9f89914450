import { sql, type SqlBool } from "kysely";
import { isFree, isWaiting } from "./queries.ts";
import type { MailQueries } from "../tables.ts";

/** How the outbox stands; no figure is above a thousand. */
export interface Standing {
  readonly waiting: number;
  /** How many of them have been tried. */
  readonly retried: number;
  readonly dead: number;
  /** When the first of those that wait should have been sent; undefined if none waits. */
  readonly oldestDueAt: Date | undefined;
}

const mostCounted = 1000;
/** Before every mail: the condition makes the engines look into the index instead of reading it from its start. */
const beginning = new Date(0);

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
        .where("id", "in", (query) =>
          query
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

    /** How the outbox stands: one statement that reads no more than a bounded number of rows, by their indexes. */
    standing: () => readStanding(db),

    /** Removes up to `limit` mails that were posted before `before` and do not wait any more. @returns how many */
    async purge(limit: number, before: Date): Promise<number> {
      const removed = db
        .deleteFrom("mail_outbox")
        .where("id", "in", (query) =>
          query
            .selectFrom("mail_outbox")
            .select("id")
            .where("created_at", "<=", before)
            .where("status", "!=", "waiting")
            .orderBy("created_at")
            .limit(limit),
        )
        .returning("id");
      return (await removed.execute()).length;
    },
  };
}

async function readStanding(db: MailQueries): Promise<Standing> {
  const first = db
    .selectFrom("mail_outbox")
    .select(["due_at", "attempts"])
    .where(isWaiting)
    .where("due_at", ">", beginning)
    .orderBy("due_at")
    .limit(mostCounted)
    .as("counted");
  const dead = db
    .selectFrom("mail_outbox")
    .select("id")
    .where(sql<SqlBool>`status = 'dead'`)
    .where("created_at", ">", beginning)
    .orderBy("created_at")
    .limit(mostCounted)
    .as("counted");
  const found = await db
    .selectFrom(first)
    .select((query) => [
      query.fn.countAll().as("waiting"),
      sql<number | null>`sum(case when attempts > 0 then 1 else 0 end)`.as("retried"),
      query.fn.min("due_at").as("oldest"),
      query.selectFrom(dead).select(query.fn.countAll().as("dead")).as("dead"),
    ])
    .executeTakeFirstOrThrow();
  // The embedded engine gives the instant of an aggregate as text.
  const oldestDueAt = found.oldest === null ? undefined : new Date(found.oldest);
  const [waiting = 0, retried = 0, given = 0] = [found.waiting, found.retried ?? 0, found.dead ?? 0].map(Number);
  return { waiting, retried, dead: given, oldestDueAt };
}
