import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { formsOf } from "./email.ts";
import { accountColumns, type Account, type UserQueries } from "./tables.ts";

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

/** A sign-in by a provider. */
export interface ProviderSignIn {
  readonly accountId: string;
  /** An address that must still be the account's, and verified; not checked unless given. */
  readonly verifiedEmail?: string;
}

/** The queries on signing in; part of the account store. */
export function createSignInQueries(db: UserQueries) {
  return {
    /**
     * Records a sign-in with the password that was verified against `credential`.
     * @returns the account; undefined if it is inactive, or its password was changed since it was read
     */
    async recordPasswordSignIn(credential: PasswordCredential, now: Date): Promise<Account | undefined> {
      const { accountId, passwordChangedAt: changedAt } = credential;
      const [account] =
        changedAt === null
          ? await noteSignInUnchanged(db, { accountId, now })
          : await noteSignIn(db, { accountId, changedAt, now });
      return account;
    },

    /** Records a sign-in at a provider. @returns the account; undefined if it is inactive, or has another address */
    async recordProviderSignIn({ accountId, verifiedEmail }: ProviderSignIn, now: Date): Promise<Account | undefined> {
      const active = db
        .updateTable("users")
        .set({ last_login_at: now })
        .where("id", "=", accountId)
        .where("is_active", "=", true);
      const guarded =
        verifiedEmail === undefined
          ? active
          : active.where("email_normalised", "in", formsOf(verifiedEmail)).where("email_verified_at", "is not", null);
      return guarded.returning(accountColumns).executeTakeFirst();
    },
  };
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

/** For an account with no recorded change of its password. */
const noteSignInUnchanged = prepared((db: UserQueries, param: ParameterOf<SignIn>) =>
  noteSignInOf(db, param).where("password_changed_at", "is", null),
);
