import { repeatable } from "../platform/database/budget.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import type { Queries } from "../platform/database/database.ts";
import { normaliseEmail } from "./email.ts";
import { createProviderQueries } from "./provider-queries.ts";
import { accountColumns, type Account, type UserQueries, type UsersTable } from "./tables.ts";

/** What a password sign-in looks at. */
export interface PasswordCredential {
  readonly accountId: string;
  readonly passwordHash: string | null;
  readonly passwordChangedAt: Date | null;
}

/** An account to be made. Its id is the caller's, and random: a row that is there comes from an earlier run. */
export interface NewAccount {
  readonly id: string;
  /** As given; kept without surrounding space. */
  readonly email: string | null;
  readonly username: string;
  readonly passwordHash: string | null;
  /** What a provider says, of an account that is made with one. */
  readonly provided?: {
    readonly provider: string;
    readonly isEmailVerified: boolean;
    readonly name: string | null;
    readonly picture: string | null;
  };
}

export type AccountStore = ReturnType<typeof createAccountStore>;

function toRow({ id, email, username, passwordHash, provided }: NewAccount, now: Date): UsersTable {
  return {
    id,
    email: email?.trim() ?? null,
    email_normalised: email === null ? null : normaliseEmail(email),
    email_verified_at: provided?.isEmailVerified ? now : null,
    username,
    name: provided?.name ?? null,
    picture: provided?.picture ?? null,
    password_hash: passwordHash,
    password_changed_at: passwordHash === null ? null : now,
    provider: provided?.provider ?? null,
    is_active: true,
    created_at: now,
    updated_at: now,
    last_login_at: provided ? now : null,
  };
}

/** Where the answer was lost the insert runs again; the id tells whether the row that is in the way is its own. */
async function insertOrFindOwn(db: UserQueries, row: UsersTable): Promise<Account | undefined> {
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

const credentials = (db: UserQueries) => db.selectFrom("users").select(["id", "password_hash", "password_changed_at"]);

function toCredential(row: Pick<UsersTable, "id" | "password_hash" | "password_changed_at">): PasswordCredential {
  return { accountId: row.id, passwordHash: row.password_hash, passwordChangedAt: row.password_changed_at };
}

/** The queries on `users`. */
export function createAccountStore(queries: Queries) {
  const db = queries.withTables<{ users: UsersTable }>();
  return {
    ...createProviderQueries(db),

    /** Asks for no account: whether the table is there and may be read. @throws DatabaseUnavailable */
    async check(): Promise<void> {
      await db.selectFrom("users").select("id").where("id", "=", noId).execute();
    },

    /** Makes an account. @returns undefined when the address is taken: the unique index decides, also between racing calls */
    create: (account: NewAccount, now: Date) => insertOrFindOwn(db, toRow(account, now)),

    /** The password credential of the account with this address, whatever its state. */
    async findCredential(email: string): Promise<PasswordCredential | undefined> {
      const row = await credentials(db).where("email_normalised", "=", normaliseEmail(email)).executeTakeFirst();
      return row && toCredential(row);
    },

    /** The password credential of an account. */
    async readCredential(accountId: string): Promise<PasswordCredential | undefined> {
      const row = await credentials(db).where("id", "=", accountId).executeTakeFirst();
      return row && toCredential(row);
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
        .where("password_hash", "is not", null)
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
