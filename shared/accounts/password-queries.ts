import type { PasswordCredential } from "./sign-in-queries.ts";
import {
  accountColumns,
  hashColumns,
  passwordColumns,
  type Account,
  type HashedPassword,
  type UserQueries,
} from "./tables.ts";

/** A change by a person who knows the present password, or has none. */
export interface PasswordChange extends HashedPassword<string> {
  readonly accountId: string;
  readonly verifiedHash: string | null;
}

/** A change by a person who reads the account's mail. */
export interface PasswordReset extends HashedPassword<string> {
  readonly accountId: string;
  readonly emailNormalised: string;
  readonly isProven: boolean;
}

/** The queries on passwords; part of the account store. */
export function createPasswordQueries(db: UserQueries) {
  return {
    /** Whether an account has a password. */
    async hasPassword(accountId: string): Promise<boolean> {
      return typeof (await readPasswordHash(db, accountId)) === "string";
    },

    /** The password hash of an account; null or undefined if there is none. */
    readPasswordHash: (accountId: string) => readPasswordHash(db, accountId),

    /**
     * Gives an account another password, if it still has the one that was verified. @param verifiedHash null for an
     * account without a password: of calls at once, one update sets it
     * @returns undefined if the account is inactive, or its password was changed or set in the meantime
     */
    async changePassword(
      { accountId, verifiedHash, ...password }: PasswordChange,
      now: Date,
    ): Promise<Account | undefined> {
      const update = db
        .updateTable("users")
        .set({
          ...passwordColumns(password),
          password_changed_at: now,
          password_mailed_at: null,
          updated_at: now,
        })
        .where("id", "=", accountId)
        .where("is_active", "=", true);
      const guarded =
        verifiedHash === null
          ? update.where("password_hash", "is", null)
          : update.where("password_hash", "=", verifiedHash);
      return guarded.returning(accountColumns).executeTakeFirst();
    },

    /**
     * Gives an account another password on the strength of a mail to its address.
     * @param isProven whether the address was proven before. If not, this proves it, and removes the picture and the name
     * that came with earlier identities
     * @returns undefined if the account is inactive (other than by its owner's wish) or has another address, or the
     * address is proven or not
     */
    async resetPassword(reset: PasswordReset, now: Date): Promise<Account | undefined> {
      const { accountId, emailNormalised, isProven, ...password } = reset;
      const proof = isProven ? {} : { email_verified_at: now, name: null, picture: null };
      return db
        .updateTable("users")
        .set({
          ...passwordColumns(password),
          ...proof,
          password_changed_at: now,
          password_mailed_at: now,
          updated_at: now,
        })
        .where("id", "=", accountId)
        .where("email_normalised", "=", emailNormalised)
        .where("email_verified_at", isProven ? "is not" : "is", null)
        .where((row) => row.or([row("is_active", "=", true), row("erase_at", "is not", null)]))
        .returning(accountColumns)
        .executeTakeFirst();
    },

    /**
     * Replaces a hash by another of the same password, or by itself, and records its parameters; does nothing if the
     * password was changed in the meantime.
     */
    async upgradePasswordHash(credential: PasswordCredential, passwordHash: string): Promise<void> {
      await db
        .updateTable("users")
        .set(hashColumns(passwordHash))
        .where("id", "=", credential.accountId)
        .where("password_hash", "=", credential.passwordHash)
        .execute();
    },

    /**
     * The parameters of the hashes in the table, each once, in the form of `hashParameters`; up to `limit`. Costs one
     * index seek each.
     */
    passwordParameters: (limit: number) => passwordParameters(db, limit),
  };
}

async function readPasswordHash(db: UserQueries, accountId: string): Promise<string | null | undefined> {
  const account = db.selectFrom("users").select("password_hash").where("id", "=", accountId);
  return (await account.executeTakeFirst())?.password_hash;
}

async function passwordParameters(db: UserQueries, limit: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < limit) {
    const next = await db
      .selectFrom("users")
      .select("password_parameters")
      .where("password_hash", "is not", null)
      .where("password_parameters", ">", found.at(-1) ?? "")
      .orderBy("password_parameters")
      .limit(1)
      .executeTakeFirst();
    if (typeof next?.password_parameters !== "string") break;
    found.push(next.password_parameters);
  }
  return found;
}
