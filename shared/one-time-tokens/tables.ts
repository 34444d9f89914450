import type { Kysely } from "kysely";

/**
 * What a token is for: to prove the address of an account or of a registration, to choose a new password, to confirm a
 * new address, to undo a change of the address.
 */
export type Purpose = "verify_email" | "reset_password" | "confirm_email" | "undo_email";

/** A row of `one_time_tokens`. */
export interface OneTimeTokensTable {
  /** The SHA-256 of the token. */
  token_hash: Buffer;
  purpose: Purpose;
  /** The id of an account or of a registration; of neither, if the token was mailed to nobody. */
  subject_id: string;
  /** The address that was written to, or that is to become the account's. */
  email: string;
  email_normalised: string;
  /** A keyed hash of the code; random if there is none, which no code matches. */
  code_hash: Buffer;
  /** How often a code of the address was tried, as far as that counts for this one. */
  code_tries: number;
  created_at: Date;
  expires_at: Date;
  consumed_at: Date | null;
}

/** The table that this folder may query. */
export type TokenQueries = Kysely<{ one_time_tokens: OneTimeTokensTable }>;
