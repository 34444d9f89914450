import type { PasswordCredential } from "./sign-in-queries.ts";
import { passwordColumns, type UserQueries } from "./tables.ts";

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
     * Replaces a hash by another of the same password, or by itself, and records its parameters; does nothing if the
     * password was changed in the meantime.
     */
    async upgradePasswordHash(credential: PasswordCredential, passwordHash: string): Promise<void> {
      await db
        .updateTable("users")
        .set(passwordColumns(passwordHash))
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
