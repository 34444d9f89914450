import type { Kysely, Selectable } from "kysely";

/** A row of `users`. */
export interface UsersTable {
  id: string;
  email: string | null;
  email_normalised: string | null;
  email_verified_at: Date | null;
  username: string;
  /** The person's name and picture, as a provider has them; null without. */
  name: string | null;
  picture: string | null;
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

/** The table that this folder may query. */
export type UserQueries = Kysely<{ users: UsersTable }>;

/** The columns of an account. */
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
] as const;
