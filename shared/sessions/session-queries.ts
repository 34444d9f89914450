import { accountColumns, type Account } from "../accounts/tables.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { fromColumns, toColumns, type Authentication } from "./authentication.ts";
import type { SessionQueries } from "./tables.ts";

/** Who is calling: a live session and its active account, read together. */
export interface Principal {
  readonly sessionId: string;
  /** The session's status index; null for a session older than the status lists. */
  readonly statusIndex: number | null;
  /** The session's absolute limit. */
  readonly sessionExpiresAt: Date;
  readonly authentication: Authentication;
  /** When it was last used, as far as that was written down. */
  readonly lastUsedAt: Date | null;
  /** What it was used with last, by its refresh token. */
  readonly userAgent: string | null;
  readonly account: Account;
}

/** The queries on sessions with their accounts; part of the session store. */
export function createPrincipalQueries(db: SessionQueries) {
  return {
    /** The live session with this id and its active account; undefined if either is gone. */
    async findPrincipal(sessionId: string, now: Date): Promise<Principal | undefined> {
      const [row] = await selectLive(db, { sessionId, now });
      return row && toPrincipal(row);
    },

    /** Records that the person of a session proved again who they are. */
    async noteAuthentication(sessionId: string, authentication: Authentication): Promise<void> {
      await note.later(db, { sessionId, ...toColumns(authentication) });
    },
  };
}

const sessionColumns = [
  "sessions.id as session_id",
  "status_index",
  "sessions.created_at as began_at",
  "sessions.expires_at as session_expires_at",
  "ended_at",
  "authenticated_at",
  "amr",
  "last_used_at",
  "user_agent",
] as const;

/** The columns of a principal, from `sessions` and `users`. */
export const principalColumns = [
  ...sessionColumns,
  ...accountColumns.map((column) => `users.${column}` as const),
] as const;

interface SessionRow {
  session_id: string;
  status_index: number | null;
  began_at: Date;
  session_expires_at: Date;
  ended_at: Date | null;
  authenticated_at: Date | null;
  amr: string | null;
  last_used_at: Date | null;
  user_agent: string | null;
}

/** A row with `principalColumns`. */
export type PrincipalRow = SessionRow & Account;

/** The session of a row and its account, live or not. */
export function toPrincipal(row: PrincipalRow): Principal {
  const { session_id: sessionId, status_index: statusIndex, session_expires_at: sessionExpiresAt, ...rest } = row;
  const {
    began_at: beganAt,
    ended_at: _isNull,
    authenticated_at,
    amr,
    last_used_at: lastUsedAt,
    user_agent: userAgent,
    ...account
  } = rest;
  return {
    sessionId,
    statusIndex,
    sessionExpiresAt,
    authentication: fromColumns({ authenticated_at, amr }, beganAt),
    lastUsedAt,
    userAgent,
    account,
  };
}

/** Whether the session is neither ended nor expired, and its account active. */
export function isLive({ ended_at, session_expires_at, is_active }: PrincipalRow, now: Date): boolean {
  return ended_at === null && session_expires_at > now && is_active;
}

const selectLive = prepared((db: SessionQueries, param: ParameterOf<{ sessionId: string; now: Date }>) =>
  db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select(principalColumns)
    .where("sessions.id", "=", param("sessionId"))
    .where("sessions.ended_at", "is", null)
    .where("sessions.expires_at", ">", param("now"))
    .where("users.is_active", "=", true),
);

type Proof = { sessionId: string; authenticated_at: Date; amr: string };

const note = prepared((db: SessionQueries, param: ParameterOf<Proof>) =>
  db
    .updateTable("sessions")
    .set({ authenticated_at: param("authenticated_at"), amr: param("amr") })
    .where("id", "=", param("sessionId")),
);
