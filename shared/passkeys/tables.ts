import type { Kysely } from "kysely";

/** A row of `passkeys`. */
export interface PasskeysTable {
  id: string;
  user_id: string;
  credential_id: Buffer;
  /** The SHA-256 of `credential_id`. */
  credential_hash: Buffer;
  /** A COSE_Key. */
  public_key: Buffer;
  /** COSE's number. */
  algorithm: number;
  /** A string on SQL Server. */
  sign_count: number | string;
  /** Separated by spaces. */
  transports: string;
  is_backup_eligible: boolean;
  is_backed_up: boolean;
  is_user_verified: boolean;
  aaguid: string;
  /** What the person calls it; null if nothing. */
  name: string | null;
  created_at: Date;
  last_used_at: Date | null;
}

/** A row of `user_handles`. */
export interface UserHandlesTable {
  user_id: string;
  handle: Buffer;
}

/** A row of `used_webauthn_challenges`. */
export interface UsedChallengesTable {
  challenge_hash: Buffer;
  used_by: string;
  expires_at: Date;
}

/** The tables that this folder may query. */
export type PasskeyQueries = Kysely<{
  passkeys: PasskeysTable;
  user_handles: UserHandlesTable;
  used_webauthn_challenges: UsedChallengesTable;
}>;
