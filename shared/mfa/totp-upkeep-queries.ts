import type { MfaQueries } from "./tables.ts";
import type { FactorKey } from "./totp-queries.ts";

/** What a person does with the factors that they have; part of the store. */
export function createTotpUpkeepQueries(db: MfaQueries) {
  return {
    /** The confirmed factors of an account, oldest first. */
    async list(accountId: string) {
      return db
        .selectFrom("totp_factors")
        .select(["id", "name", "created_at", "last_used_at"])
        .where("user_id", "=", accountId)
        .where("confirmed_at", "is not", null)
        .orderBy("created_at")
        .execute();
    },

    /** Gives a confirmed factor another name. @returns false if there is none */
    async rename({ id, accountId, name }: FactorKey & { name: string | null }): Promise<boolean> {
      const renaming = db
        .updateTable("totp_factors")
        .set({ name })
        .where("id", "=", id)
        .where("user_id", "=", accountId)
        .where("confirmed_at", "is not", null)
        .returning("id");
      return (await renaming.executeTakeFirst()) !== undefined;
    },

    /** Removes a confirmed factor. @returns undefined if there is none */
    async remove({ id, accountId }: FactorKey): Promise<{ name: string | null } | undefined> {
      const removal = db
        .deleteFrom("totp_factors")
        .where("id", "=", id)
        .where("user_id", "=", accountId)
        .where("confirmed_at", "is not", null)
        .returning("name");
      return removal.executeTakeFirst();
    },

    /** Whether an account has a confirmed factor. */
    async hasAny(accountId: string): Promise<boolean> {
      const any = db
        .selectFrom("totp_factors")
        .select("id")
        .where("user_id", "=", accountId)
        .where("confirmed_at", "is not", null)
        .limit(1);
      return (await any.executeTakeFirst()) !== undefined;
    },
  };
}
