import { accountColumns, type Account, type UserQueries } from "./tables.ts";

/** What a person changes of their profile; what is undefined stays. */
export interface ProfileChange {
  readonly username?: string | undefined;
  /** A canonical BCP 47 tag; null for no choice. */
  readonly locale?: string | null | undefined;
}

/** The name and picture to show. */
export interface Profile {
  readonly accountId: string;
  readonly name: string | null;
  readonly picture: string | null;
}

/** The queries on profiles; part of the account store. */
export function createProfileQueries(db: UserQueries) {
  return {
    /** Replaces name and picture. */
    async updateProfile({ accountId, ...profile }: Profile, now: Date): Promise<Account> {
      const update = db.updateTable("users").set({ ...profile, updated_at: now });
      return update.where("id", "=", accountId).returning(accountColumns).executeTakeFirstOrThrow();
    },

    /** What is held of an account besides `Account`, without secrets. */
    async readRecord(accountId: string): Promise<{ readonly hasPassword: boolean; readonly noticedAt: Date | null }> {
      const record = db.selectFrom("users").select(["password_hash", "noticed_at"]).where("id", "=", accountId);
      const row = await record.executeTakeFirst();
      return { hasPassword: typeof row?.password_hash === "string", noticedAt: row?.noticed_at ?? null };
    },

    /** Changes what a person says of themselves. @returns undefined if the account is inactive or gone */
    async changeProfile(accountId: string, change: ProfileChange, now: Date): Promise<Account | undefined> {
      return db
        .updateTable("users")
        .set({ ...change, updated_at: now })
        .where("id", "=", accountId)
        .where("is_active", "=", true)
        .returning(accountColumns)
        .executeTakeFirst();
    },
  };
}
