import type { Queries } from "../platform/database/database.ts";
import { normaliseEmail } from "./email.ts";
import type { UsersTable } from "./tables.ts";

/** An account that nobody has used. */
export type UnusedAccount = Pick<UsersTable, "id" | "created_at" | "last_login_at">;

export type AccountAdministration = ReturnType<typeof createAccountAdministration>;

/** What operators learn of accounts: ids and dates, and nothing that says whose they are. */
export function createAccountAdministration(queries: Queries) {
  const db = queries.withTables<{ users: UsersTable & { audit_id: string | null } }>();
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

    /** All accounts with their audit ids, null for those that have none yet, page by page. */
    async *auditIds(
      pageSize = 1000,
    ): AsyncGenerator<readonly { readonly id: string; readonly audit_id: string | null }[]> {
      for (let after = lowestId; ;) {
        const page = await db
          .selectFrom("users")
          .select(["id", "audit_id"])
          .where("id", ">", after)
          .orderBy("id")
          .limit(pageSize)
          .execute();
        yield page;
        const last = page.at(-1);
        if (!last || page.length < pageSize) return;
        after = last.id;
      }
    },

    /** The audit id of an account; null if it has none yet, undefined if there is no such account. */
    async auditIdOf(account: { readonly id: string } | { readonly email: string }): Promise<string | null | undefined> {
      const users = db.selectFrom("users").select("audit_id");
      const found =
        "id" in account
          ? users.where("id", "=", account.id)
          : users.where("email_normalised", "=", normaliseEmail(account.email));
      return (await found.executeTakeFirst())?.audit_id;
    },
  };
}

const lowestId = "00000000-0000-0000-0000-000000000000";
