import { hash } from "node:crypto";
import type { Queries } from "../platform/database/database.ts";
import { isDuplicate } from "../platform/database/errors.ts";

export type UsedStateStore = ReturnType<typeof createUsedStateStore>;

/** The queries on `used_states`. */
export function createUsedStateStore(queries: Queries) {
  const db = queries.withTables<{ used_states: UsedStatesTable }>();
  return {
    /**
     * Marks a state as used. The key decides between racing calls.
     * @returns false if it was used before
     */
    async use(state: string, expiresAt: Date): Promise<boolean> {
      const row = { state_hash: hash("sha256", state, "buffer"), expires_at: expiresAt };
      return !(await isDuplicate(db.insertInto("used_states").values(row).execute()));
    },

    /** Removes up to `limit` states of expired attempts. @returns how many */
    async purge(limit: number, now: Date): Promise<number> {
      const removed = await db
        .deleteFrom("used_states")
        .where("state_hash", "in", (query) =>
          query
            .selectFrom("used_states")
            .select("state_hash")
            .where("expires_at", "<=", now)
            .orderBy("expires_at")
            .limit(limit),
        )
        .returning("state_hash")
        .execute();
      return removed.length;
    },
  };
}

/** A row of `used_states`. */
interface UsedStatesTable {
  state_hash: Buffer;
  /** When the attempt expires; the row is not needed after that. */
  expires_at: Date;
}
