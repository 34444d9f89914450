import type { Kysely } from "kysely";
import { hashParameters } from "../platform/phc.ts";
import { normaliseEmail } from "./email.ts";

/** A row of `users`. */
export interface UsersTable {
  id: string;
  email: string | null;
  email_normalised: string | null;
  /** By which rules `email_normalised` was made; null without an address, and for an older release's. */
  email_form: number | null;
  email_verified_at: Date | null;
  username: string;
  /** The person's name and picture, as a provider has them; null without. */
  name: string | null;
  picture: string | null;
  /** A PHC string; null for an account without a password. */
  password_hash: string | null;
  /** What the hash costs, as `hashParameters` says; null without one, and for an older release's. */
  password_parameters: string | null;
  password_changed_at: Date | null;
  /** The social provider that the account was made with; null for an account made with a password. */
  provider: string | null;
  is_active: boolean;
  created_at: Date;
  updated_at: Date;
  last_login_at: Date | null;
}

/** The rules of `normaliseEmail`: domains in their A-labels. */
export const emailForm = 1;

/** The columns of an account as the service handles it: without its password's hash, and what follows from other columns. */
export const accountColumns = [
  "id",
  "email",
  "email_verified_at",
  "username",
  "name",
  "picture",
  "password_changed_at",
  "provider",
  "is_active",
  "created_at",
  "updated_at",
  "last_login_at",
] as const satisfies (keyof UsersTable)[];

export type Account = Pick<UsersTable, (typeof accountColumns)[number]>;

/** The columns of an address; it is kept as given, without surrounding space. */
export function addressColumns(email: string) {
  return { email: email.trim(), email_normalised: normaliseEmail(email), email_form: emailForm };
}

/** The columns of a password's hash, or of none. */
export function passwordColumns(hash: string | null) {
  return { password_hash: hash, password_parameters: hash === null ? null : (hashParameters(hash) ?? null) };
}

/** The table that this folder may query. */
export type UserQueries = Kysely<{ users: UsersTable }>;
