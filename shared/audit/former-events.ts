import type { Queries } from "../platform/database/database.ts";

/**
 * The queries on `account_events`, to which the release before this one still adds while it is being replaced. Nothing
 * reads it any more: its rows are removed, and a later migration removes the table.
 */
export function createFormerEvents(queries: Queries) {
  const db = queries.withTables<{ account_events: AccountEventsTable }>();
  const events = db.selectFrom("account_events").select("id");
  const remove = async (some: typeof events) =>
    (await db.deleteFrom("account_events").where("id", "in", some).returning("id").execute()).length;
  return {
    /** Removes up to `limit` rows of an account, which refer to it. @returns how many */
    removeFormer: (accountId: string, limit: number) => remove(events.where("user_id", "=", accountId).limit(limit)),

    /** Removes up to `limit` rows from before an instant. @returns how many */
    purgeFormer: (limit: number, before: Date) =>
      remove(events.where("created_at", "<=", before).orderBy("created_at").limit(limit)),
  };
}

interface AccountEventsTable {
  id: string;
  user_id: string | null;
  created_at: Date;
}
