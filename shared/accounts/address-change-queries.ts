import { DuplicateKeyError } from "../platform/database/errors.ts";
import { chooseMeant, isTakenFormerly } from "./address-queries.ts";
import { formsOf } from "./email.ts";
import { accountColumns, addressColumns, passwordColumns, type Account, type UserQueries } from "./tables.ts";

/** The queries that give an account another address; part of the account store. Call them in a transaction. */
export function createAddressChangeQueries(db: UserQueries) {
  return {
    /** Locks an account's row until the transaction ends. @returns it; undefined if it is gone */
    async holdAccount(accountId: string): Promise<Account | undefined> {
      const hold = db.updateTable("users").set((row) => ({ updated_at: row.ref("updated_at") }));
      return hold.where("id", "=", accountId).returning(accountColumns).executeTakeFirst();
    },

    /**
     * Gives an account a proven address in place of the one that it has, or has not.
     * @returns undefined if the account is inactive; `taken` if another account has the address: the unique index decides
     */
    async changeAddress(
      { accountId, email }: { accountId: string; email: string },
      now: Date,
    ): Promise<Account | "taken" | undefined> {
      const update = db
        .updateTable("users")
        .set({ ...addressColumns(email), email_verified_at: now, updated_at: now })
        .where("id", "=", accountId)
        .where("is_active", "=", true)
        .returning(accountColumns);
      return unlessTaken(db, { accountId, email }, () => update.executeTakeFirst());
    },

    /**
     * Gives an account back an address that it had, whatever has happened to it since: it loses its password, and is not
     * to be erased any more. An account that an operator has deactivated stays so.
     * @returns undefined if the account is gone; `taken` if another account has the address
     */
    async restoreAddress(
      { accountId, email }: { accountId: string; email: string },
      now: Date,
    ): Promise<Account | "taken" | undefined> {
      const update = db
        .updateTable("users")
        .set((row) => ({
          ...addressColumns(email),
          ...passwordColumns({ passwordHash: null }),
          email_verified_at: now,
          password_changed_at: now,
          updated_at: now,
          is_active: row.case().when("erase_at", "is not", null).then(row.val(true)).else(row.ref("is_active")).end(),
          erase_at: null,
        }))
        .where("id", "=", accountId)
        .returning(accountColumns);
      return unlessTaken(db, { accountId, email }, () => update.executeTakeFirst());
    },

    /** Takes an address from the accounts that have it without having proven it: its owner is another. */
    async releaseUnproven({ email, except }: { email: string; except: string }, now: Date): Promise<void> {
      const held = db.selectFrom("users").select(["id", "email", "email_normalised"]);
      const unproven = held.where("email_normalised", "in", formsOf(email)).where("email_verified_at", "is", null);
      // A row in a former form may have an address at another domain.
      const meant = chooseMeant(await unproven.where("id", "!=", except).execute(), email);
      for (const { id, email_normalised: form } of meant) await release(db, { id, form }, now);
    },
  };
}

async function unlessTaken(
  db: UserQueries,
  { accountId, email }: { accountId: string; email: string },
  update: () => Promise<Account | undefined>,
): Promise<Account | "taken" | undefined> {
  if (await isTakenFormerly(db, email, accountId)) return "taken";
  try {
    return await update();
  } catch (error) {
    if (error instanceof DuplicateKeyError) return "taken";
    throw error;
  }
}

async function release(db: UserQueries, { id, form }: { id: string; form: string | null }, now: Date): Promise<void> {
  await db
    .updateTable("users")
    .set({ email: null, email_normalised: null, email_form: null, updated_at: now })
    .where("id", "=", id)
    .where("email_normalised", "=", form)
    .where("email_verified_at", "is", null)
    .execute();
}
