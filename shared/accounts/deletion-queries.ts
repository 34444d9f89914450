import { isAuditIdOfAny } from "./audit-ids.ts";
import { accountColumns, type Account, type UserQueries } from "./tables.ts";

/** An account that is due to be erased, with the address that other tables may have. */
export interface DueAccount {
  readonly accountId: string;
  readonly email: string | null;
  readonly emailNormalised: string | null;
  /** By which id the audit log names it; null in a row of an older release, which the log says nothing of. */
  readonly auditId: string | null;
}

/** The queries on deleted accounts; part of the account store. */
export function createDeletionQueries(db: UserQueries) {
  return {
    /**
     * Deactivates an account, to be erased at `eraseAt`. @returns undefined if it is inactive already, or gone
     */
    async deactivate(
      { accountId, eraseAt }: { accountId: string; eraseAt: Date },
      now: Date,
    ): Promise<Account | undefined> {
      return db
        .updateTable("users")
        .set({ is_active: false, erase_at: eraseAt, updated_at: now })
        .where("id", "=", accountId)
        .where("is_active", "=", true)
        .returning(accountColumns)
        .executeTakeFirst();
    },

    /**
     * Keeps an account that was to be erased.
     * @param passwordHash the hash that was verified; undefined if an identity proved the person
     * @returns undefined if it was not to be erased, or its password was changed in the meantime
     */
    async reactivate(
      { accountId, passwordHash }: { accountId: string; passwordHash?: string | undefined },
      now: Date,
    ): Promise<Account | undefined> {
      const update = db
        .updateTable("users")
        .set({ is_active: true, erase_at: null, updated_at: now })
        .where("id", "=", accountId)
        .where("erase_at", "is not", null);
      const guarded = passwordHash === undefined ? update : update.where("password_hash", "=", passwordHash);
      return guarded.returning(accountColumns).executeTakeFirst();
    },

    /** Whether an account is active. */
    async isActive(accountId: string): Promise<boolean> {
      const account = db.selectFrom("users").select("is_active").where("id", "=", accountId);
      return (await account.executeTakeFirst())?.is_active === true;
    },

    /** When an account is erased; undefined if it is not to be. */
    async readEraseTime(accountId: string): Promise<Date | undefined> {
      const account = db.selectFrom("users").select(["id", "erase_at", "audit_id"]).where("id", "=", accountId);
      return (await account.executeTakeFirst())?.erase_at ?? undefined;
    },

    /** The accounts to erase by now, the longest due first. */
    async dueForErasure(limit: number, now: Date): Promise<string[]> {
      const due = db
        .selectFrom("users")
        .select("id")
        .where("erase_at", "is not", null)
        .where("erase_at", "<=", now)
        .orderBy("erase_at")
        .limit(limit);
      return (await due.execute()).map(({ id }) => id);
    },

    /**
     * Locks the row of an account that is to be erased by now, until the transaction ends.
     * @returns undefined if it is gone, or its owner wants to keep it
     */
    async holdForErasure(accountId: string, now: Date): Promise<DueAccount | undefined> {
      const hold = db
        .updateTable("users")
        .set((row) => ({ updated_at: row.ref("updated_at") }))
        .where("id", "=", accountId)
        .where("erase_at", "<=", now)
        .returning(["email", "email_normalised", "audit_id as auditId"]);
      const row = await hold.executeTakeFirst();
      return row && { accountId, email: row.email, emailNormalised: row.email_normalised, auditId: row.auditId };
    },

    /** Whether an account has this audit id. */
    hasAuditId: (auditId: string) => isAuditIdOfAny(db, auditId),

    /** Removes an account, after all that refers to it. */
    async erase(accountId: string): Promise<void> {
      await db.deleteFrom("users").where("id", "=", accountId).execute();
    },
  };
}
