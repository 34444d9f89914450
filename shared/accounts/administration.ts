import type { Queries } from "../platform/database/database.ts";
import type { UsersTable } from "./tables.ts";

/** An account that nobody has used. */
export type UnusedAccount = Pick<UsersTable, "id" | "created_at" | "last_login_at">;

export type AccountAdministration = ReturnType<typeof createAccountAdministration>;

/** What operators learn of accounts: ids and dates, and nothing that says whose they are. */
export function createAccountAdministration(queries: Queries) {
  const db = queries.withTables<{ users: UsersTable }>();
  return {
    /**
     * The active accounts that nobody signed in to since an instant, page by page, in the order of their ids. Those that
     * never signed in count by when they were made.
     */
    async *unusedSince(since: Date, pageSize = 1000): AsyncGenerator<readonly UnusedAccount[]> {
      for (let after = lowestId; ;) {
        const page = await db
          .selectFrom("users")
          .select(["id", "created_at", "last_login_at"])
          .where("id", ">", after)
          .where("is_active", "=", true)
          .where("created_at", "<", since)
          .where((row) => row.or([row("last_login_at", "is", null), row("last_login_at", "<", since)]))
          .orderBy("id")
          .limit(pageSize)
          .execute();
        yield page;
        const last = page.at(-1);
        if (!last || page.length < pageSize) return;
        after = last.id;
      }
    },
  };
}

const lowestId = "00000000-0000-0000-0000-000000000000";
