import { DuplicateKeyError } from "../platform/database/errors.ts";
import { findByAddress, isTakenFormerly } from "./address-queries.ts";
import { formsOf } from "./email.ts";
import { accountColumns, addressColumns, passwordColumns, type Account, type UserQueries } from "./tables.ts";

/** What is asked of an account before an identity is linked to it. */
export interface AddressHolder {
  readonly accountId: string;
  readonly isActive: boolean;
  readonly isVerified: boolean;
}

/** A sign-in by a provider. */
export interface ProviderSignIn {
  readonly accountId: string;
  /** The address that must still be the account's, and verified; not looked at unless given. */
  readonly verifiedEmail?: string;
}

/** An address that a person has proven, and how they are shown. */
export interface AddressProof {
  readonly accountId: string;
  readonly email: string;
  readonly username: string;
  readonly name: string | null;
  readonly picture: string | null;
}

/** The queries on `users` that sign-ins by a provider need; part of the account store. */
export function createProviderQueries(db: UserQueries) {
  return {
    /** The account with this address, whatever its state. */
    async findByEmail(email: string): Promise<AddressHolder | undefined> {
      const row = await findByAddress(db, email);
      return row && { accountId: row.id, isActive: row.is_active, isVerified: row.email_verified_at !== null };
    },

    /** Records a sign-in. @returns the account; undefined when it is inactive, or has another address */
    recordProviderSignIn: (signIn: ProviderSignIn, now: Date) => recordProviderSignIn(db, signIn, now),

    /** Replaces name and picture. */
    async updateProfile(
      { accountId, ...profile }: { accountId: string; name: string | null; picture: string | null },
      now: Date,
    ): Promise<Account> {
      const update = db.updateTable("users").set({ ...profile, updated_at: now });
      return update.where("id", "=", accountId).returning(accountColumns).executeTakeFirstOrThrow();
    },

    /** Gives a proven address to an account that has none. @returns undefined when it has one, or another account has this one */
    adoptAddress: (address: { accountId: string; email: string }, now: Date) => adoptAddress(db, address, now),

    /**
     * Takes an account's own address as proven by its owner: what is on the account stays.
     * @returns false when the account is inactive, has another address, or has proven it before
     */
    confirmAddress: (address: { accountId: string; email: string }, now: Date) => confirmAddress(db, address, now),

    /**
     * Takes an address as proven by a person who may not have made the account: its password goes, and what
     * the account shows is theirs.
     * @returns false when the account is inactive, or its address was proven or changed meanwhile
     */
    proveAddress: (proof: AddressProof, now: Date) => proveAddress(db, proof, now),

    /**
     * Holds the account's row until the transaction ends, so that nobody else changes its ways of signing in.
     * @returns whether it has a password
     */
    async hold(accountId: string, now: Date): Promise<boolean> {
      const update = db.updateTable("users").set({ updated_at: now }).where("id", "=", accountId);
      return hasPassword(await update.returning("password_hash").executeTakeFirst());
    },

    /** Whether an account has a password. */
    async hasPassword(accountId: string): Promise<boolean> {
      const account = db.selectFrom("users").select("password_hash").where("id", "=", accountId);
      return hasPassword(await account.executeTakeFirst());
    },
  };
}

function hasPassword(row: { password_hash: string | null } | undefined): boolean {
  return row !== undefined && row.password_hash !== null;
}

async function recordProviderSignIn(
  db: UserQueries,
  { accountId, verifiedEmail }: ProviderSignIn,
  now: Date,
): Promise<Account | undefined> {
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
}

async function adoptAddress(
  db: UserQueries,
  { accountId, email }: { accountId: string; email: string },
  now: Date,
): Promise<Account | undefined> {
  if (await isTakenFormerly(db, email)) return undefined;
  const update = db
    .updateTable("users")
    .set({ ...addressColumns(email), email_verified_at: now, updated_at: now })
    .where("id", "=", accountId)
    .where("email_normalised", "is", null)
    .returning(accountColumns);
  try {
    return await update.executeTakeFirst();
  } catch (error) {
    if (error instanceof DuplicateKeyError) return undefined;
    throw error;
  }
}

async function confirmAddress(
  db: UserQueries,
  { accountId, email }: { accountId: string; email: string },
  now: Date,
): Promise<boolean> {
  const holder = await findByAddress(db, email);
  if (holder?.id !== accountId) return false;
  const confirmed = await db
    .updateTable("users")
    .set({ email_verified_at: now, updated_at: now })
    .where("id", "=", accountId)
    .where("email_normalised", "=", holder.email_normalised)
    .where("email_verified_at", "is", null)
    .where("is_active", "=", true)
    .returning("id")
    .executeTakeFirst();
  return confirmed !== undefined;
}

async function proveAddress(
  db: UserQueries,
  { accountId, email, ...shown }: AddressProof,
  now: Date,
): Promise<boolean> {
  const proof = { email: email.trim(), email_verified_at: now };
  const proven = await db
    .updateTable("users")
    .set({ ...shown, ...proof, ...passwordColumns(null), password_changed_at: now, updated_at: now })
    .where("id", "=", accountId)
    .where("email_normalised", "in", formsOf(email))
    .where("email_verified_at", "is", null)
    .where("is_active", "=", true)
    .returning("id")
    .executeTakeFirst();
  return proven !== undefined;
}
