import { DuplicateKeyError } from "../platform/database/errors.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { formsOf, normaliseEmail, type NormalisedEmail } from "./email.ts";
import {
  accountColumns,
  addressColumns,
  passwordColumns,
  type Account,
  type UserQueries,
  type UsersTable,
} from "./tables.ts";

/** The account that has an address. */
export interface AddressHolder {
  readonly accountId: string;
  readonly isActive: boolean;
  readonly isVerified: boolean;
  /** As stored: mail goes here, never to the spelling that was typed. */
  readonly email: string;
  /** The form that the row has, which may be a former one. */
  readonly emailNormalised: NormalisedEmail;
  readonly username: string;
  readonly locale: string | null;
  /** When the account is erased, if its owner has deleted it. */
  readonly eraseAt: Date | null;
}

/** An address that a person has proven, and the profile to show. */
export interface AddressProof {
  readonly accountId: string;
  readonly email: string;
  readonly username: string;
  readonly name: string | null;
  readonly picture: string | null;
  /** The password of the registration that is completed; the account has none afterwards unless given. */
  readonly passwordHash?: string;
  readonly passwordUncheckedSince?: Date | null | undefined;
}

/** The queries on addresses; part of the account store. */
export function createAddressQueries(db: UserQueries) {
  return {
    /** The account with this address, whatever its state. */
    async findByEmail(email: string): Promise<AddressHolder | undefined> {
      const row = await findByAddress(db, email);
      return row && toHolder(row);
    },

    /**
     * Gives a proven address to an account without one. @returns undefined if the account has one, or another account
     * has this one
     */
    adoptAddress: (address: { accountId: string; email: string }, now: Date) => adoptAddress(db, address, now),

    /**
     * Marks an account's own address as proven by its owner; nothing else on the account changes.
     * @returns false if the account is inactive, has another address, or has proven it already
     */
    confirmAddress: (address: { accountId: string; email: string }, now: Date) => confirmAddress(db, address, now),

    /**
     * Marks an address as proven by a person who may not have created the account: removes or replaces its password,
     * and replaces its profile.
     * @returns false if the account is inactive, or its address was proven or changed in the meantime
     */
    proveAddress: (proof: AddressProof, now: Date) => proveAddress(db, proof, now),
  };
}

export const holderColumns = [
  "id",
  "email",
  "email_normalised",
  "email_verified_at",
  "is_active",
  "username",
  "locale",
  "erase_at",
  "audit_id",
] as const;

/** The holder of an address, from a row with `holderColumns`. */
export function toHolder(row: Omit<Pick<UsersTable, (typeof holderColumns)[number]>, "audit_id">): AddressHolder {
  return {
    accountId: row.id,
    isActive: row.is_active,
    isVerified: row.email_verified_at !== null,
    email: row.email ?? "",
    emailNormalised: row.email_normalised ?? "",
    username: row.username,
    locale: row.locale,
    eraseAt: row.erase_at,
  };
}

/**
 * The row of an address, in one round trip. Also finds an account whose address is still in its former form: written by
 * an older release, or kept because another account has the current form. Then the spelling that was typed decides.
 */
export async function findByAddress(db: UserQueries, email: string) {
  const forms = formsOf(email);
  const [form = "", ...others] = forms;
  if (others.length === 0) return (await selectByForm(db, { form }))[0];
  const any = others.reduce((query, text) => query.unionAll(withForm(db, text)), withForm(db, form));
  return chooseMeant(await any.execute(), email)[0];
}

/** The rows whose address this is, the likeliest first. */
export function chooseMeant<R extends { email: string | null; email_normalised: string | null }>(
  rows: readonly R[],
  email: string,
): R[] {
  const forms = formsOf(email);
  const meant = rows.filter((row) => means(row, email));
  return meant.toSorted((one, other) => forms.indexOf(rankOf(one)) - forms.indexOf(rankOf(other)));
}

const withForm = (db: UserQueries, form: string) =>
  db.selectFrom("users").select(holderColumns).where("email_normalised", "=", form);

const selectByForm = prepared((db: UserQueries, param: ParameterOf<{ form: string }>) => withForm(db, param("form")));

/** Whether an account other than `except` has this address in a former form, which the unique index does not see. */
export async function isTakenFormerly(db: UserQueries, email: string | null, except?: string): Promise<boolean> {
  const former = email === null ? [] : formsOf(email).filter((text) => text !== normaliseEmail(email));
  if (email === null || former.length === 0) return false;
  const held = db.selectFrom("users").select(["id", "email"]).where("email_normalised", "in", former);
  return (await held.execute()).some((row) => row.id !== except && means(row, email));
}

const rankOf = ({ email_normalised: form }: { email_normalised: string | null }): string => form ?? "";

/** The former rules treated some different domains as one, such as those with either form of sigma. */
function means(row: { email: string | null }, email: string): boolean {
  return row.email !== null && normaliseEmail(row.email) === normaliseEmail(email);
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
  {
    accountId,
    email,
    passwordHash = null,
    passwordUncheckedSince,
    ...shown
  }: Omit<AddressProof, "passwordHash"> & { passwordHash?: string | null },
  now: Date,
): Promise<boolean> {
  const proof = { email: email.trim(), email_verified_at: now };
  const password = passwordColumns({ passwordHash, passwordUncheckedSince });
  const proven = await db
    .updateTable("users")
    .set({ ...shown, ...proof, ...password, password_changed_at: now, updated_at: now })
    .where("id", "=", accountId)
    .where("email_normalised", "in", formsOf(email))
    .where("email_verified_at", "is", null)
    .where("is_active", "=", true)
    .returning("id")
    .executeTakeFirst();
  return proven !== undefined;
}
