import { randomUUID } from "node:crypto";
import { repeatable } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { createAddressChangeQueries } from "./address-change-queries.ts";
import { createAddressQueries, isTakenFormerly } from "./address-queries.ts";
import { createClaimQueries } from "./claims.ts";
import { createCompromiseQueries } from "./compromise-queries.ts";
import { createDeletionQueries } from "./deletion-queries.ts";
import { createDeviceQueries } from "./device-queries.ts";
import { createPasswordQueries } from "./password-queries.ts";
import { createProfileQueries } from "./profile-queries.ts";
import { createAttemptQueries } from "./registration-attempts.ts";
import { createRegistrationQueries } from "./registration-queries.ts";
import { createSignInQueries } from "./sign-in-queries.ts";
import {
  accountColumns,
  addressColumns,
  passwordColumns,
  type Account,
  type DevicesTable,
  type HashedPassword,
  type RegistrationsTable,
  type UserQueries,
  type UsersTable,
} from "./tables.ts";
import { bringUpToDate, type UpkeepOptions } from "./upkeep.ts";

export type AccountStore = ReturnType<typeof createAccountStore>;

/** An account to create. The caller chooses a random id, so a row that already has it comes from an earlier run. */
export interface NewAccount extends HashedPassword {
  readonly id: string;
  /** As given; stored without surrounding space. */
  readonly email: string | null;
  readonly username: string;
  /** The language to write to the person in, a BCP 47 tag. */
  readonly locale: string;
  /** Whether the person has proven the address. */
  readonly isEmailVerified?: boolean;
  /** The provider's information, for an account created through one. */
  readonly provided?: {
    readonly provider: string;
    readonly name: string | null;
    readonly picture: string | null;
    /** Whether the person is signed in by that, too. */
    readonly isSignedIn: boolean;
  };
}

/** The queries on `users`. */
export function createAccountStore(queries: Queries) {
  const db = queries.withTables<{ users: UsersTable }>();
  return {
    ...createAddressQueries(db),
    ...createPasswordQueries(db),
    ...createCompromiseQueries(db),
    ...createProfileQueries(db),
    ...createDeletionQueries(db),
    ...createAddressChangeQueries(db),
    ...createSignInQueries(db),
    ...createClaimQueries(
      queries.withTables<{ users: UsersTable; registrations: RegistrationsTable; devices: DevicesTable }>(),
    ),
    ...createDeviceQueries(queries.withTables<{ users: UsersTable; devices: DevicesTable }>()),
    ...createAttemptQueries(queries.withTables<{ users: UsersTable; registrations: RegistrationsTable }>()),
    ...createRegistrationQueries(queries.withTables<{ registrations: RegistrationsTable }>()),

    /** Checks that the table exists and can be read. @throws DatabaseUnavailable */
    async check(): Promise<void> {
      await db.selectFrom("users").select("id").where("id", "=", noId).execute();
    },

    /**
     * Creates an account. @returns undefined if the address is taken: the unique index decides, also between racing
     * calls
     */
    async create(account: NewAccount, now: Date): Promise<Account | undefined> {
      return (await isTakenFormerly(db, account.email)) ? undefined : insertOrFindOwn(db, toRow(account, now));
    },

    /**
     * Locks the account's row until the transaction ends, so that nobody else changes its sign-in methods or begins a
     * session.
     * @param changedAt when this transaction changes the account, if it does
     * @returns whether it has a password
     */
    async hold(accountId: string, changedAt?: Date): Promise<boolean> {
      const update = db.updateTable("users").set((row) => ({ updated_at: changedAt ?? row.ref("updated_at") }));
      const row = await update.where("id", "=", accountId).returning("password_hash").executeTakeFirst();
      return typeof row?.password_hash === "string";
    },

    /** Locks the account's row like `hold`. Travels with the next statement. */
    lock: (accountId: string): Promise<void> => lockRow.later(db, { accountId }),

    /** Says since when signing in to an account takes a second factor; null if it does not. Travels with the next statement. */
    setMfaSince: (accountId: string, since: Date | null): Promise<void> =>
      since === null ? endMfa.later(db, { accountId }) : beginMfa.later(db, { accountId, since }),

    /** Migrates rows of older releases. */
    bringUpToDate: (options?: UpkeepOptions) => bringUpToDate(queries, options),
  };
}

const lockRow = prepared((db: UserQueries, param: ParameterOf<{ accountId: string }>) =>
  db
    .updateTable("users")
    .set((row) => ({ updated_at: row.ref("updated_at") }))
    .where("id", "=", param("accountId")),
);

/** Unless it takes one already. */
const beginMfa = prepared((db: UserQueries, param: ParameterOf<{ accountId: string; since: Date }>) =>
  db
    .updateTable("users")
    .set({ mfa_since: param("since") })
    .where("id", "=", param("accountId"))
    .where("mfa_since", "is", null),
);

const endMfa = prepared((db: UserQueries, param: ParameterOf<{ accountId: string }>) =>
  db.updateTable("users").set({ mfa_since: null }).where("id", "=", param("accountId")),
);

/** No account has it: ids are UUIDs of version 8. */
const noId = "00000000-0000-0000-0000-000000000000";

function toRow(account: NewAccount, now: Date): UsersTable {
  const { id, email, username, passwordHash, locale, isEmailVerified = false, provided } = account;
  return {
    id,
    ...(email === null ? { email, email_normalised: null, email_form: null } : addressColumns(email)),
    email_verified_at: isEmailVerified ? now : null,
    username,
    name: provided?.name ?? null,
    picture: provided?.picture ?? null,
    ...passwordColumns(account),
    compromise_told_at: null,
    password_changed_at: passwordHash === null ? null : now,
    password_mailed_at: null,
    provider: provided?.provider ?? null,
    is_active: true,
    created_at: now,
    updated_at: now,
    last_login_at: provided?.isSignedIn ? now : null,
    locale,
    notice_id: null,
    noticed_at: null,
    mfa_since: null,
    erase_at: null,
    audit_id: randomUUID(),
  };
}

/** If the answer is lost, the insert runs again; the id tells whether the conflicting row is its own. */
async function insertOrFindOwn(db: UserQueries, row: UsersTable): Promise<Account | undefined> {
  const insert = db.insertInto("users").values(row).returning(accountColumns);
  try {
    return await repeatable(() => insert.executeTakeFirstOrThrow());
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    return db.selectFrom("users").select(accountColumns).where("id", "=", row.id).executeTakeFirst();
  }
}
