import { sql } from "kysely";
import type { Queries } from "../../platform/database/database.ts";
import type { Tables } from "../tables.ts";

/** How many mails a provider takes. */
export interface Quota {
  readonly perMinute: number | undefined;
  readonly perHour: number | undefined;
}

export type QuotaStore = ReturnType<typeof createQuotaStore>;

/**
 * The queries on `mail_quota`: a token bucket per limit, each of a full minute's or hour's mails. Each mail is given its
 * place by one update. One that has to wait keeps its place, so that a thousand that wait cost a thousand updates, and
 * go in the order in which they came.
 */
export function createQuotaStore(queries: Queries, quota: Quota) {
  const db = queries.withTables<Tables>();
  const row = db.updateTable("mail_quota").where("id", "=", 1);
  const [minute, hour] = [paceOf(60_000, quota.perMinute), paceOf(3_600_000, quota.perHour)];
  const isLimited = quota.perMinute !== undefined || quota.perHour !== undefined;
  return {
    /** Takes a place for one mail. @returns when it may go: `now`, or later; undefined if there is no limit */
    async take(now: Date): Promise<Date | undefined> {
      if (!isLimited) return undefined;
      const at = now.getTime();
      const place = sql`case when minute_at >= hour_at
        then case when minute_at > ${at} then minute_at else ${at} end
        else case when hour_at > ${at} then hour_at else ${at} end end`;
      const next = (limit: string, { spacing, slack }: Pace) =>
        sql<number>`case when ${place} - ${slack} > ${sql.ref(limit)} + ${spacing} then ${place} - ${slack} else ${sql.ref(limit)} + ${spacing} end`;
      // What is set is computed from the row as it was.
      const taken = await row
        .set({ slot_at: sql<number>`${place}`, minute_at: next("minute_at", minute), hour_at: next("hour_at", hour) })
        .returning("slot_at")
        .executeTakeFirstOrThrow();
      return new Date(Number(taken.slot_at));
    },

    /** Gives out no place before `until`: the provider takes no more mail. Without limits it does nothing. */
    async pause(until: Date): Promise<void> {
      if (!isLimited) return;
      const at = until.getTime();
      await row.set({ minute_at: sql<number>`case when minute_at > ${at} then minute_at else ${at} end` }).execute();
    },

    /** When a mail that is posted now will be sent; undefined if the quota does not hold it back. */
    async heldBackUntil(now: Date): Promise<Date | undefined> {
      if (!isLimited) return undefined;
      const found = await db
        .selectFrom("mail_quota")
        .select(["minute_at", "hour_at"])
        .where("id", "=", 1)
        .executeTakeFirst();
      const at = Math.max(Number(found?.minute_at ?? 0), Number(found?.hour_at ?? 0));
      return at > now.getTime() ? new Date(at) : undefined;
    },
  };
}

/** A token bucket as instants, in milliseconds (the generic cell rate algorithm, ITU-T I.371). */
interface Pace {
  /** Each mail moves the limit's instant on by this. */
  readonly spacing: number;
  /** But not further behind the mail's place than this: a limit that was idle admits a whole period's mails at once. */
  readonly slack: number;
}

function paceOf(period: number, count: number | undefined): Pace {
  if (count === undefined) return { spacing: 0, slack: 0 };
  const spacing = Math.ceil(period / count);
  return { spacing, slack: period - 2 * spacing };
}
