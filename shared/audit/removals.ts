import type { EventQueries } from "./tables.ts";

type Removal = { readonly limit: number; readonly before: Date };

/** Removes up to `limit` events from before an instant. @returns how many */
export async function removeOlder(db: EventQueries, { limit, before }: Removal): Promise<number> {
  const old = db
    .selectFrom("account_events")
    .select("id")
    .where("created_at", "<=", before)
    .orderBy("created_at")
    .limit(limit);
  return (await db.deleteFrom("account_events").where("id", "in", old).returning("id").execute()).length;
}

/** Removes up to `limit` events about nobody, which are there for their cost. @returns how many */
export async function removeNobodys(db: EventQueries, { limit, before }: Removal): Promise<number> {
  const old = db
    .selectFrom("account_events")
    .select("id")
    .where("user_id", "is", null)
    .where("slot", "is not", null)
    .where("created_at", "<=", before)
    .orderBy("created_at")
    .limit(limit);
  return (await db.deleteFrom("account_events").where("id", "in", old).returning("id").execute()).length;
}
