import { sql, type SqlBool } from "kysely";
import { repeatable } from "../../platform/database/budget.ts";
import type { MailOutboxTable, MailQueries, MailStatus } from "../tables.ts";

/** One worker's hold on a mail. */
export interface Claim {
  readonly id: string;
  /** The worker's own, new for each message of the queue. */
  readonly claimId: string;
}

/** What becomes of a mail that is still to be sent. */
export interface NextAttempt {
  readonly dueAt: Date;
  readonly failure: string | null;
}

/** How a mail ended. */
export interface Ending {
  readonly status: Exclude<MailStatus, "waiting" | "sent">;
  readonly failure: string;
}

/** The queries by which one worker sends a mail; part of the outbox. Each changes nothing when it is repeated. */
export function createDeliveryQueries(db: MailQueries) {
  const ofClaim = ({ id, claimId }: Claim) =>
    db.updateTable("mail_outbox").where("id", "=", id).where("claim_id", "=", claimId);
  const run = (write: { execute(): Promise<unknown> }) => repeatable(() => write.execute());
  return {
    /**
     * Claims a mail that is due, and counts the attempt.
     * @param until when another worker may claim it, because this one must have died
     * @returns the mail; undefined if it is not there, not due, sent, or claimed by another worker
     */
    claim: ({ id, claimId }: Claim, now: Date, until: Date): Promise<MailOutboxTable | undefined> => {
      const update = db
        .updateTable("mail_outbox")
        .set({
          claim_id: claimId,
          claimed_until: until,
          // Repeated because its answer was lost, it counts once.
          attempts: sql`case when claim_id = ${claimId} then attempts else attempts + 1 end`,
        })
        .where("id", "=", id)
        .where(isWaiting)
        .where("due_at", "<=", now)
        .where((row) => row.or([isFree(now), row("claim_id", "=", claimId)]))
        .returningAll();
      return repeatable(() => update.executeTakeFirst());
    },

    /** Where a mail stands; undefined if there is none. */
    find: (id: string): Promise<MailState | undefined> =>
      db
        .selectFrom("mail_outbox")
        .select(["status", "due_at", "claimed_until"])
        .where("id", "=", id)
        .executeTakeFirst(),

    /** Ends the claim; the mail is tried again. */
    async retry(claim: Claim, { dueAt, failure }: NextAttempt): Promise<void> {
      await run(ofClaim(claim).set({ due_at: dueAt, failure, slot_at: null, ...unclaimed }));
    },

    /** Ends the claim without an attempt: the quota is used up. @param slotAt the mail's place in it, if it has one */
    async holdBack(claim: Claim, { dueAt, slotAt }: { dueAt: Date; slotAt: Date | null }): Promise<void> {
      const attempts = sql<number>`attempts - 1`;
      await run(ofClaim(claim).set({ due_at: dueAt, slot_at: slotAt, attempts, ...unclaimed }));
    },

    /** Ends the mail unsent. It keeps its data, so that it can be sent after all. */
    async end(claim: Claim, { status, failure }: Ending): Promise<void> {
      await run(ofClaim(claim).set({ status, failure, ...unclaimed }));
    },

    /** Removes a mail to nobody, as if it had never been posted. */
    async remove({ id, claimId }: Claim): Promise<void> {
      await run(db.deleteFrom("mail_outbox").where("id", "=", id).where("claim_id", "=", claimId));
    },

    /** Marks a mail as sent, whoever claims it by now. @param keepsData whether what it says stays */
    async markSent(id: string, { now, keepsData }: { now: Date; keepsData: boolean }): Promise<void> {
      const sent = {
        status: "sent",
        sent_at: now,
        failure: null,
        ...unclaimed,
        ...(!keepsData && withoutData),
      } as const;
      await run(db.updateTable("mail_outbox").set(sent).where("id", "=", id).where(isWaiting));
    },
  };
}

/** Where a mail stands. */
export type MailState = Pick<MailOutboxTable, "status" | "due_at" | "claimed_until">;

/** Literal, so that SQL Server uses the index that has only these. */
export const isWaiting = sql<SqlBool>`status = 'waiting'`;
/** Whether no worker is sending it. */
export const isFree = (now: Date) => sql<SqlBool>`(claimed_until is null or claimed_until <= ${now})`;

const unclaimed = { claim_id: null, claimed_until: null };
/** Literal, because the driver sends a null as text, which a varbinary column refuses. */
const withoutData = { sealed_data: sql<null>`null` };
