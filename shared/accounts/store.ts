import { repeatable } from "../platform/database/budget.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import type { Queries } from "../platform/database/database.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { hashParameters } from "../platform/phc.ts";
import { findByAddress, isTakenFormerly } from "./address-queries.ts";
import { createProviderQueries } from "./provider-queries.ts";
import {
  accountColumns,
  addressColumns,
  passwordColumns,
  type Account,
  type UserQueries,
  type UsersTable,
} from "./tables.ts";
import { bringUpToDate, type UpkeepOptions } from "./upkeep.ts";

/** What a password sign-in looks at. */
export interface PasswordCredential {
  readonly accountId: string;
  readonly passwordHash: string | null;
  /** Whether it is noted beside the hash what that costs; it is not where an older release has written it. */
  readonly isCostNoted: boolean;
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
    ...(email === null ? { email, email_normalised: null, email_form: null } : addressColumns(email)),
    email_verified_at: provided?.isEmailVerified ? now : null,
    username,
    name: provided?.name ?? null,
    picture: provided?.picture ?? null,
    ...passwordColumns(passwordHash),
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

type SignIn = { accountId: string; now: Date };

const noteSignInOf = (db: UserQueries, param: ParameterOf<SignIn>) =>
  db
    .updateTable("users")
    .set({ last_login_at: param("now") })
    .where("id", "=", param("accountId"))
    .where("is_active", "=", true)
    .where("password_hash", "is not", null)
    .returning(accountColumns);

const noteSignIn = prepared((db: UserQueries, param: ParameterOf<SignIn & { changedAt: Date }>) =>
  noteSignInOf(db, param).where("password_changed_at", "=", param("changedAt")),
);

/** Of an account whose password has never been changed since that is noted. */
const noteSignInUnchanged = prepared((db: UserQueries, param: ParameterOf<SignIn>) =>
  noteSignInOf(db, param).where("password_changed_at", "is", null),
);

/** No account's: ids are of version 8. */
const noId = "00000000-0000-0000-0000-000000000000";

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
    async create(account: NewAccount, now: Date): Promise<Account | undefined> {
      return (await isTakenFormerly(db, account.email)) ? undefined : insertOrFindOwn(db, toRow(account, now));
    },

    /** The password credential of the account with this address, whatever its state. */
    async findCredential(email: string): Promise<PasswordCredential | undefined> {
      const row = await findByAddress(db, email);
      if (!row) return undefined;
      const { id: accountId, password_hash: passwordHash, password_changed_at: passwordChangedAt } = row;
      const isCostNoted =
        passwordHash === null || hashParameters(passwordHash) === (row.password_parameters ?? undefined);
      return { accountId, passwordHash, isCostNoted, passwordChangedAt };
    },

    /** The password hash of an account; null or undefined where there is none. */
    async readPasswordHash(accountId: string): Promise<string | null | undefined> {
      const account = db.selectFrom("users").select("password_hash").where("id", "=", accountId);
      return (await account.executeTakeFirst())?.password_hash;
    },

    /**
     * Records a sign-in by a password that was verified against `credential`.
     * @returns the account; undefined when it is inactive, or when its password was changed since it was read
     */
    async recordPasswordSignIn(credential: PasswordCredential, now: Date): Promise<Account | undefined> {
      const { accountId, passwordChangedAt: changedAt } = credential;
      const [account] =
        changedAt === null
          ? await noteSignInUnchanged(db, { accountId, now })
          : await noteSignIn(db, { accountId, changedAt, now });
      return account;
    },

    /**
     * Replaces a hash by one of the same password, or by itself, and notes what it costs; unless the password was changed
     * meanwhile.
     */
    async upgradePasswordHash(credential: PasswordCredential, passwordHash: string): Promise<void> {
      await db
        .updateTable("users")
        .set(passwordColumns(passwordHash))
        .where("id", "=", credential.accountId)
        .where("password_hash", "=", credential.passwordHash)
        .execute();
    },

    /** What the hashes in the table cost, each once, as `hashParameters` says: a seek for each, and `limit` at most. */
    passwordParameters: (limit: number) => passwordParameters(db, limit),

    /** Brings accounts of older releases up to date. */
    bringUpToDate: (options?: UpkeepOptions) => bringUpToDate(queries, options),
  };
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
