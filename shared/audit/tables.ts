import type { Kysely } from "kysely";
import type { AuditEventType, Outcome } from "./event-types.ts";

/** A row of `account_events`. */
export interface AccountEventsTable {
  id: string;
  /** Null in a row about nobody. */
  user_id: string | null;
  session_id: string | null;
  type: AuditEventType;
  outcome: Outcome;
  reason: string | null;
  /** The event's other members, as JSON; null without any. */
  details: string | null;
  /** Where the call came from; null if that is unknown, and in a row about nobody. */
  address: string | null;
  user_agent: string | null;
  /** The call's `X-Request-Id`. */
  request_id: string | null;
  /** Rows with the same slot are limited; null in rows that are not. See `createSlots`. */
  slot: Buffer | null;
  created_at: Date;
  /** The order of events of one instant, as far as one process recorded them. */
  ordinal: number;
}

/** The table that this folder may query. */
export type EventQueries = Kysely<{ account_events: AccountEventsTable }>;
