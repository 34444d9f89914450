import type { Kysely } from "kysely";
import type { Account } from "../accounts/tables.ts";

/** Why a session ended. */
export type EndReason = "logout" | "reuse" | "address_proven" | "way_removed" | "replaced" | "limit" | "not_signed";

/** A row of `sessions`. */
export interface SessionsTable {
  id: string;
  user_id: string;
  created_at: Date;
  /** The absolute limit. */
  expires_at: Date;
  ended_at: Date | null;
  end_reason: EndReason | null;
  /** Its place among the sessions of the status list; unique. Null for a session from before there was a list. */
  status_index: number | null;
  /** When the person last proved who they are; null in a row of an earlier release, whose session began with it. */
  authenticated_at: Date | null;
  /** How: values of RFC 8176, separated by spaces. */
  amr: string | null;
}

/** A row of `refresh_tokens`. */
export interface RefreshTokensTable {
  token_hash: Buffer;
  session_id: string;
  created_at: Date;
  expires_at: Date;
  consumed_at: Date | null;
  /** Where it was used from: see `createUseMarks`. Null while it is unused, and where an older release has used it. */
  used_from: Buffer | null;
}

/** The one row of `whole_status_list`: how far the list reaches that was served before there were shards. */
export interface WholeStatusListTable {
  highest_index: number;
}

/** The tables that this folder may query. */
export type SessionQueries = Kysely<Tables>;

/** The tables of this folder, and the columns of `users` that are read beside them. */
export type Tables = {
  sessions: SessionsTable;
  refresh_tokens: RefreshTokensTable;
  whole_status_list: WholeStatusListTable;
  users: Account;
};
