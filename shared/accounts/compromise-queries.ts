import { addSeconds } from "../platform/clock.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { PasswordCredential } from "./sign-in-queries.ts";
import type { UserQueries } from "./tables.ts";

/** The queries on passwords that may be known from a breach; part of the account store. */
export function createCompromiseQueries(db: UserQueries) {
  return {
    /** Notes that the password was looked up among breached ones, and is none of them. Travels with the next statement. */
    notePasswordChecked: (accountId: string): Promise<void> => noteChecked.later(db, { accountId }),

    /**
     * Whether the owner of an account is to be mailed that the password is known from a breach: once an hour. Of calls at
     * once, one update lets one through. @returns false too if the account has another password by now, or is inactive
     */
    async noteCompromise({ accountId, passwordHash }: PasswordCredential, now: Date): Promise<boolean> {
      const noted = await db
        .updateTable("users")
        .set({ compromise_told_at: now })
        .where("id", "=", accountId)
        .where("password_hash", "=", passwordHash)
        .where("is_active", "=", true)
        .where((row) =>
          row.or([
            row("compromise_told_at", "is", null),
            row("compromise_told_at", "<=", addSeconds(now, -compromiseToldSeconds)),
          ]),
        )
        .returning("id")
        .executeTakeFirst();
      return noted !== undefined;
    },
  };
}

const compromiseToldSeconds = 60 * 60;

const noteChecked = prepared((db: UserQueries, param: ParameterOf<{ accountId: string }>) =>
  db.updateTable("users").set({ password_unchecked_since: null }).where("id", "=", param("accountId")),
);
