import { sql, type Kysely } from "kysely";
import { addSeconds } from "../platform/clock.ts";
import type { Database, Queries } from "../platform/database/database.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { Count, RateCounter } from "./counter.ts";

/** The queries on `rate_limits`, but for counting. */
export function createRateLimitStore(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    /** Removes up to `limit` buckets whose window ended before `until`. @returns how many */
    async purge(limit: number, until: Date): Promise<number> {
      const removed = await db
        .deleteFrom("rate_limits")
        .where("bucket", "in", (query) =>
          query
            .selectFrom("rate_limits")
            .select("bucket")
            .where("resets_at", "<=", until)
            .orderBy("resets_at")
            .limit(limit),
        )
        .returning("bucket")
        .execute();
      return removed.length;
    },
  };
}

/** Counts in the service's database: see docs/decisions/0062-rate-limits.md. */
export function createDatabaseCounter(database: Database): RateCounter {
  const db = database.queries.withTables<Tables>();
  return {
    async count(attempts, now) {
      const upserts = attempts.map(({ bucket, windowSeconds }) => {
        const parameters = { bucket, now, resetsAt: addSeconds(now, windowSeconds) };
        return { update: countAgain.bind(db, parameters), insert: countFirst.bind(db, parameters) };
      });
      const rows = await database.writeVolatile<CountedRow>(upserts);
      return rows.map(({ used, resets_at: resetsAt }): Count => ({ used, resetsAt }));
    },
  };
}

/**
 * The row is named by its key alone, and the window stands in what is set: a condition on a column that a neighbour is
 * changing would skip the row on Azure SQL instead of waiting for it.
 */
const countAgain = prepared((db: Kysely<Tables>, param: ParameterOf<Parameters>) => {
  const isOpen = sql`resets_at > ${param("now")}`;
  return db
    .updateTable("rate_limits")
    .set({
      used: sql<number>`case when ${isOpen} then used + 1 else 1 end`,
      resets_at: sql<Date>`case when ${isOpen} then resets_at else ${param("resetsAt")} end`,
    })
    .where("bucket", "=", param("bucket"))
    .returning(["used", "resets_at"]);
});

const countFirst = prepared((db: Kysely<Tables>, param: ParameterOf<Parameters>) =>
  db
    .insertInto("rate_limits")
    .values({ bucket: param("bucket"), used: 1, resets_at: param("resetsAt") })
    .returning(["used", "resets_at"]),
);

interface Parameters extends Readonly<Record<string, unknown>> {
  readonly bucket: Buffer;
  readonly now: Date;
  readonly resetsAt: Date;
}

type Tables = { rate_limits: RateLimitsTable };

/** A row of `rate_limits`. */
interface RateLimitsTable {
  bucket: Buffer;
  used: number;
  resets_at: Date;
}

type CountedRow = Pick<RateLimitsTable, "used" | "resets_at">;
