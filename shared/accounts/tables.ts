import type { Kysely } from "kysely";
import { hashParameters } from "../platform/phc.ts";
import { normaliseEmail } from "./email.ts";

/** A row of `users`. */
export interface UsersTable {
  id: string;
  email: string | null;
  email_normalised: string | null;
  /**
   * The version of the rules that made `email_normalised`; null without an address, and in rows of an older release.
   */
  email_form: number | null;
  email_verified_at: Date | null;
  username: string;
  /** The person's name and picture from a provider; null if there are none. */
  name: string | null;
  picture: string | null;
  /** A PHC string; null for an account without a password. */
  password_hash: string | null;
  /** The hash's parameters in the form of `hashParameters`; null without a hash, and in rows of an older release. */
  password_parameters: string | null;
  /** Since when the password waits to be looked up among breached ones; null if it does not. */
  password_unchecked_since: Date | null;
  /** When the owner was last mailed that the password is known from a breach. */
  compromise_told_at: Date | null;
  password_changed_at: Date | null;
  /** Since when the password is one that was chosen through a mailed link; null if it is not. */
  password_mailed_at: Date | null;
  /** The social provider that the account was created with; null if with a password. */
  provider: string | null;
  is_active: boolean;
  created_at: Date;
  updated_at: Date;
  last_login_at: Date | null;
  /** The person's language, a BCP 47 tag; null in rows of an older release. */
  locale: string | null;
  /** The last mail that told the owner of the proven address that someone tried to register it, and when. */
  notice_id: string | null;
  noticed_at: Date | null;
  /** Since when signing in takes a second factor; null if it does not. */
  mfa_since: Date | null;
  /** When the account is erased; null unless its owner has asked for that, and it is inactive. */
  erase_at: Date | null;
  /** By which random id the audit log names the account; null in rows of an older release. */
  audit_id: string | null;
}

/** The current rules of `normaliseEmail`: domains in A-labels. */
export const emailForm = 1;

/**
 * The columns of an account as the service uses it: without its password hash, and without columns derived from others.
 * The audit id is only passing by: see `Subjects.watching`.
 */
export const accountColumns = [
  "id",
  "email",
  "email_verified_at",
  "username",
  "name",
  "picture",
  "password_changed_at",
  "password_mailed_at",
  "provider",
  "is_active",
  "created_at",
  "updated_at",
  "last_login_at",
  "locale",
  "mfa_since",
  "audit_id",
] as const satisfies (keyof UsersTable)[];

export type Account = Omit<Pick<UsersTable, (typeof accountColumns)[number]>, "audit_id">;

/** The columns of an address, stored as given without surrounding space. */
export function addressColumns(email: string) {
  return { email: email.trim(), email_normalised: normaliseEmail(email), email_form: emailForm };
}

/** The columns of a password's hash, or of none. */
export function hashColumns(hash: string | null) {
  return { password_hash: hash, password_parameters: hash === null ? null : (hashParameters(hash) ?? null) };
}

/** The columns of another password, or of none. */
export function passwordColumns({ passwordHash, passwordUncheckedSince = null }: HashedPassword) {
  return { ...hashColumns(passwordHash), password_unchecked_since: passwordUncheckedSince };
}

/** A password to keep; null for none. */
export interface HashedPassword<Hash extends string | null = string | null> {
  readonly passwordHash: Hash;
  /** Since when it waits to be looked up among breached ones; null, or not given, if it does not. */
  readonly passwordUncheckedSince?: Date | null | undefined;
}

/** The table that this folder may query. */
export type UserQueries = Kysely<{ users: UsersTable }>;

/** A row of `registrations`: what becomes an account once its address is proven. */
export interface RegistrationsTable {
  id: string;
  email: string;
  email_normalised: string;
  username: string;
  password_hash: string;
  /** In the form of `hashParameters`. */
  password_parameters: string | null;
  password_unchecked_since: Date | null;
  locale: string;
  created_at: Date;
  expires_at: Date;
}

/** A row of `devices`: a device that an account was signed in from. */
export interface DevicesTable {
  id: string;
  user_id: string;
  device_hash: Buffer;
  first_seen_at: Date;
  last_seen_at: Date;
}

/** The table of registrations, which this folder may query too. */
export type RegistrationQueries = Kysely<{ registrations: RegistrationsTable }>;
