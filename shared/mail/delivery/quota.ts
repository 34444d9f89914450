import { sql } from "kysely";
import type { Queries } from "../../platform/database/database.ts";
import type { Tables } from "../tables.ts";
import { lanes, type Lane } from "./lanes.ts";

/** How many mails a provider takes. */
export interface Quota {
  readonly perMinute: number | undefined;
  readonly perHour: number | undefined;
}

export type QuotaStore = ReturnType<typeof createQuotaStore>;

/**
 * The queries on `mail_quota`: for each lane a token bucket per limit, each of half a minute's or hour's mails. Each mail
 * is given its place by one update. One that has to wait keeps its place, so that a thousand that wait cost a thousand updates, and
 * go in the order in which they came.
 */
export function createQuotaStore(queries: Queries, quota: Quota) {
  const db = queries.withTables<Tables>();
  const rows = Object.values(lanes);
  const [minute, hour] = [paceOf(60_000, quota.perMinute), paceOf(3_600_000, quota.perHour)];
  const isLimited = quota.perMinute !== undefined || quota.perHour !== undefined;
  return {
    /** Takes a place in a lane for one mail. @returns when it may go: `now`, or later; undefined if there is no limit */
    async take(now: Date, lane: Lane): Promise<Date | undefined> {
      if (!isLimited) return undefined;
      const at = now.getTime();
      const place = sql`case when minute_at >= hour_at
        then case when minute_at > ${at} then minute_at else ${at} end
        else case when hour_at > ${at} then hour_at else ${at} end end`;
      const next = (limit: string, { spacing, slack }: Pace) =>
        sql<number>`case when ${place} - ${slack} > ${sql.ref(limit)} + ${spacing} then ${place} - ${slack} else ${sql.ref(limit)} + ${spacing} end`;
      // What is set is computed from the row as it was.
      const taken = await db
        .updateTable("mail_quota")
        .where("id", "=", lanes[lane])
        .set({ slot_at: sql<number>`${place}`, minute_at: next("minute_at", minute), hour_at: next("hour_at", hour) })
        .returning("slot_at")
        .executeTakeFirstOrThrow();
      return new Date(Number(taken.slot_at));
    },

    /** Gives out no place before `until`: the provider takes no more mail. Without limits it does nothing. */
    async pause(until: Date): Promise<void> {
      if (!isLimited) return;
      const at = until.getTime();
      const later = sql<number>`case when minute_at > ${at} then minute_at else ${at} end`;
      await db.updateTable("mail_quota").where("id", "in", rows).set({ minute_at: later }).execute();
    },

    /** When a mail of the slower lane that is posted now will be sent; undefined if the quota does not hold it back. */
    async heldBackUntil(now: Date): Promise<Date | undefined> {
      if (!isLimited) return undefined;
      const found = await db
        .selectFrom("mail_quota")
        .select(["minute_at", "hour_at"])
        .where("id", "in", rows)
        .execute();
      const at = Math.max(0, ...found.flatMap((row) => [Number(row.minute_at), Number(row.hour_at)]));
      return at > now.getTime() ? new Date(at) : undefined;
    },
  };
}

/** A token bucket as instants, in milliseconds (the generic cell rate algorithm, ITU-T I.371). */
interface Pace {
  /** Each mail moves the limit's instant on by this. */
  readonly spacing: number;
  /** But not further behind the mail's place than this: a limit that was idle admits half a period's mails at once. */
  readonly slack: number;
}

/** The pace of one lane: half of `count` in a period. */
function paceOf(period: number, count: number | undefined): Pace {
  if (count === undefined) return { spacing: 0, slack: 0 };
  const spacing = Math.ceil((2 * period) / count);
  // Half of one is less than the one that each limit admits when it was idle.
  return { spacing, slack: Math.max(period - 2 * spacing, -spacing) };
}
