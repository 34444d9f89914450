import type { ExpressionBuilder } from "kysely";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { formsOf } from "./email.ts";
import { accountColumns, type Account, type UserQueries, type UsersTable } from "./tables.ts";

/** What a password sign-in needs of an account. */
export interface PasswordCredential {
  readonly accountId: string;
  readonly passwordHash: string | null;
  /** Whether the hash's parameters are recorded beside it; not if an older release wrote it. */
  readonly isCostNoted: boolean;
  readonly passwordChangedAt: Date | null;
  /** Whether the password waits to be looked up among breached ones. */
  readonly isUnchecked: boolean;
}

/** A first factor, which may not be enough. */
export interface FirstFactor {
  /** Whether every account needs a second factor; otherwise those that have one. */
  readonly isMfaRequired: boolean;
}

/** A sign-in by a provider. */
export interface ProviderSignIn extends FirstFactor {
  readonly accountId: string;
  /** An address that must still be the account's, and verified; not checked unless given. */
  readonly verifiedEmail?: string;
}

/** The queries on signing in; part of the account store. */
export function createSignInQueries(db: UserQueries) {
  return {
    /**
     * Records a sign-in with the password that was verified against `credential`; where a second factor is due, only
     * locks the account's row.
     * @returns the account; undefined if it is inactive, or its password was changed since it was read
     */
    async recordPasswordSignIn(credential: PasswordCredential & FirstFactor, now: Date): Promise<Account | undefined> {
      const { accountId, passwordChangedAt: changedAt, isMfaRequired } = credential;
      const [account] =
        changedAt === null
          ? await noteSignInUnchanged(db, { accountId, isMfaRequired, now })
          : await noteSignIn(db, { accountId, isMfaRequired, changedAt, now });
      return account;
    },

    /**
     * Records a sign-in at a provider; where a second factor is due, only locks the account's row.
     * @returns the account; undefined if it is inactive, or has another address
     */
    async recordProviderSignIn(
      { accountId, verifiedEmail, isMfaRequired }: ProviderSignIn,
      now: Date,
    ): Promise<Account | undefined> {
      const active = db
        .updateTable("users")
        .set((row) => ({ last_login_at: unlessMfa(row, { isMfaRequired, now }) }))
        .where("id", "=", accountId)
        .where("is_active", "=", true);
      const guarded =
        verifiedEmail === undefined
          ? active
          : active.where("email_normalised", "in", formsOf(verifiedEmail)).where("email_verified_at", "is not", null);
      return guarded.returning(accountColumns).executeTakeFirst();
    },

    /** Records a sign-in that needs no further factor, whatever the account takes. @returns the account; undefined if it is inactive */
    async recordStrongSignIn(accountId: string, now: Date): Promise<Account | undefined> {
      return (await noteStrongSignIn(db, { accountId, now }))[0];
    },

    /**
     * Records a sign-in with a second factor of the account.
     * @returns the account; undefined if it is inactive, or takes no second factor
     */
    async recordMfaSignIn(accountId: string, now: Date): Promise<Account | undefined> {
      return (await noteMfaSignIn(db, { accountId, now }))[0];
    },

    /**
     * Records that a sign-in is over with its first factor after all, in the transaction that has locked the account's row.
     * Travels with the next statement.
     */
    noteSignedIn: (accountId: string, now: Date): Promise<void> => noteSignedIn.later(db, { accountId, now }),
  };
}

/** The time of a sign-in that is over with its first factor. */
function unlessMfa(
  row: ExpressionBuilder<{ users: UsersTable }, "users">,
  { isMfaRequired, now }: FirstFactor & { now: Date },
) {
  const isOver = row.and([row("mfa_since", "is", null), row(row.val(isMfaRequired), "=", false)]);
  return row.case().when(isOver).then(now).else(row.ref("last_login_at")).end();
}

const noteStrongSignInOf = (db: UserQueries, param: ParameterOf<SignIn>) =>
  db
    .updateTable("users")
    .set({ last_login_at: param("now") })
    .where("id", "=", param("accountId"))
    .where("is_active", "=", true)
    .returning(accountColumns);

const noteStrongSignIn = prepared(noteStrongSignInOf);

const noteMfaSignIn = prepared((db: UserQueries, param: ParameterOf<SignIn>) =>
  noteStrongSignInOf(db, param).where("mfa_since", "is not", null),
);

const noteSignedIn = prepared((db: UserQueries, param: ParameterOf<SignIn>) =>
  db
    .updateTable("users")
    .set({ last_login_at: param("now") })
    .where("id", "=", param("accountId")),
);

type SignIn = { accountId: string; now: Date };

const noteSignInOf = (db: UserQueries, param: ParameterOf<SignIn & { isMfaRequired: boolean }>) =>
  db
    .updateTable("users")
    .set((row) => ({ last_login_at: unlessMfa(row, { isMfaRequired: param("isMfaRequired"), now: param("now") }) }))
    .where("id", "=", param("accountId"))
    .where("is_active", "=", true)
    .where("password_hash", "is not", null)
    .returning(accountColumns);

const noteSignIn = prepared(
  (db: UserQueries, param: ParameterOf<SignIn & { isMfaRequired: boolean; changedAt: Date }>) =>
    noteSignInOf(db, param).where("password_changed_at", "=", param("changedAt")),
);

/** For an account with no recorded change of its password. */
const noteSignInUnchanged = prepared((db: UserQueries, param: ParameterOf<SignIn & { isMfaRequired: boolean }>) =>
  noteSignInOf(db, param).where("password_changed_at", "is", null),
);
