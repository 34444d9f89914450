import type { Kysely, Selectable } from "kysely";
import { repeatable } from "../platform/database/budget.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import type { Queries } from "../platform/database/database.ts";
import { newId } from "../platform/random.ts";
import { normaliseEmail } from "./email.ts";

/** A row of `users`. */
export interface UsersTable {
  id: string;
  email: string | null;
  email_normalised: string | null;
  email_verified_at: Date | null;
  username: string;
  /** A PHC string; null for an account without a password. */
  password_hash: string | null;
  password_changed_at: Date | null;
  /** The social provider that the account was made with; null for an account made with a password. */
  provider: string | null;
  is_active: boolean;
  created_at: Date;
  updated_at: Date;
  last_login_at: Date | null;
}

/** An account as the service handles it: the row without its password hash. */
export type Account = Omit<Selectable<UsersTable>, "password_hash" | "email_normalised">;

/** What a password sign-in looks at. */
export interface PasswordCredential {
  readonly accountId: string;
  readonly passwordHash: string | null;
  readonly passwordChangedAt: Date | null;
}

export interface NewAccount {
  /** As given; kept without surrounding space. */
  readonly email: string;
  readonly username: string;
  readonly passwordHash: string;
}

export type AccountStore = ReturnType<typeof createAccountStore>;

const accountColumns = [
  "id",
  "email",
  "email_verified_at",
  "username",
  "password_changed_at",
  "provider",
  "is_active",
  "created_at",
  "updated_at",
  "last_login_at",
] as const;

/** Where the answer was lost the insert runs again; the id tells whether the row that is in the way is its own. */
async function insertOrFindOwn(db: Kysely<{ users: UsersTable }>, row: UsersTable): Promise<Account | undefined> {
  const insert = db.insertInto("users").values(row).returning(accountColumns);
  try {
    return await repeatable(() => insert.executeTakeFirstOrThrow());
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    return db.selectFrom("users").select(accountColumns).where("id", "=", row.id).executeTakeFirst();
  }
}

/** No account's: ids are of version 8. */
const noId = "00000000-0000-0000-0000-000000000000";

/** The queries on `users`. */
export function createAccountStore(queries: Queries) {
  const db = queries.withTables<{ users: UsersTable }>();
  return {
    /** Asks for no account: whether the table is there and may be read. @throws DatabaseUnavailable */
    async check(): Promise<void> {
      await db.selectFrom("users").select("id").where("id", "=", noId).execute();
    },

    /** Makes an account. @returns undefined when the address is taken: the unique index decides, also between racing calls */
    async create({ email, username, passwordHash }: NewAccount, now: Date): Promise<Account | undefined> {
      const row = {
        id: newId(now),
        email: email.trim(),
        email_normalised: normaliseEmail(email),
        username,
        password_hash: passwordHash,
        password_changed_at: now,
        is_active: true,
        created_at: now,
        updated_at: now,
        email_verified_at: null,
        provider: null,
        last_login_at: null,
      };
      return insertOrFindOwn(db, row);
    },

    /** The password credential of the account with this address, whatever its state. */
    async findCredential(email: string): Promise<PasswordCredential | undefined> {
      const row = await db
        .selectFrom("users")
        .select(["id", "password_hash", "password_changed_at"])
        .where("email_normalised", "=", normaliseEmail(email))
        .executeTakeFirst();
      return (
        row && {
          accountId: row.id,
          passwordHash: row.password_hash,
          passwordChangedAt: row.password_changed_at,
        }
      );
    },

    /**
     * Records a sign-in by a password that was verified against `credential`.
     * @returns the account; undefined when it is inactive, or when its password was changed since it was read
     */
    async recordPasswordSignIn(credential: PasswordCredential, now: Date): Promise<Account | undefined> {
      return db
        .updateTable("users")
        .set({ last_login_at: now })
        .where("id", "=", credential.accountId)
        .where("is_active", "=", true)
        .where("password_changed_at", credential.passwordChangedAt === null ? "is" : "=", credential.passwordChangedAt)
        .returning(accountColumns)
        .executeTakeFirst();
    },

    /** Replaces a hash by one of the same password with today's parameters, unless the password was changed meanwhile. */
    async upgradePasswordHash(credential: PasswordCredential, passwordHash: string): Promise<void> {
      await db
        .updateTable("users")
        .set({ password_hash: passwordHash })
        .where("id", "=", credential.accountId)
        .where("password_hash", "=", credential.passwordHash)
        .execute();
    },
  };
}
