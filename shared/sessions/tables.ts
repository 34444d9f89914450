import type { Kysely } from "kysely";
import type { Account, UsersTable } from "../accounts/tables.ts";

/** Why a session ended. */
export type EndReason =
  | "logout"
  | "reuse"
  | "address_proven"
  | "way_removed"
  | "factor_added"
  | "replaced"
  | "limit"
  | "not_signed"
  | "password_changed"
  | "account_deleted"
  | "address_undone";

/** A row of `sessions`. */
export interface SessionsTable {
  id: string;
  user_id: string;
  created_at: Date;
  /** The absolute limit. */
  expires_at: Date;
  ended_at: Date | null;
  end_reason: EndReason | null;
  /** Its status index; unique. Null for a session older than the status list. */
  status_index: number | null;
  /** When the person last proved who they are; null in rows of an earlier release, where the session's start counts. */
  authenticated_at: Date | null;
  /** How: values of RFC 8176, separated by spaces. */
  amr: string | null;
  /** Where it was used from last, by its refresh token; null if unknown. */
  user_agent: string | null;
  address: string | null;
  /** When it was last used, to within five minutes; null in rows of an earlier release. */
  last_used_at: Date | null;
}

/** A row of `refresh_tokens`. */
export interface RefreshTokensTable {
  token_hash: Buffer;
  session_id: string;
  created_at: Date;
  expires_at: Date;
  consumed_at: Date | null;
  /** Where it was used from: see `createUseMarks`. Null while unused, and if an older release used it. */
  used_from: Buffer | null;
}

/** The single row of `whole_status_list`: how far the single list from before sharding reaches. */
export interface WholeStatusListTable {
  highest_index: number;
}

/** The tables that this folder may query. */
export type SessionQueries = Kysely<Tables>;

/** The tables of this folder, and the columns of `users` that are read with them. */
export type Tables = {
  sessions: SessionsTable;
  refresh_tokens: RefreshTokensTable;
  whole_status_list: WholeStatusListTable;
  users: Account & Pick<UsersTable, "audit_id">;
};
