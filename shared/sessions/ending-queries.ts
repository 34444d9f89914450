import type { ExpressionBuilder } from "kysely";
import { repeatable } from "../platform/database/budget.ts";
import { prepared, runLast, type ParameterOf } from "../platform/database/prepared.ts";
import type { EndReason, SessionQueries, Tables } from "./tables.ts";

/** Sessions to end in one statement. */
export interface Ending {
  /** By their ids. */
  readonly sessionIds?: readonly string[];
  /** All live sessions of these accounts, except those in `except`. */
  readonly accountIds?: readonly string[];
  readonly except?: readonly string[] | undefined;
  /** Why they end; a logout unless given. */
  readonly reason?: EndReason | undefined;
  /** The ids of sessions that end because a token of theirs was used long ago, whatever reason the others have. */
  readonly reused?: readonly string[];
}

/** The live sessions of an account, except those named. */
export type AccountSessions = Pick<Ending, "except" | "reason"> & { readonly accountId: string };

/** A session that a call ended. */
export interface EndedSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly reason: EndReason;
}

/** A session and its account; the session may be about to begin. */
export interface Arrival {
  readonly accountId: string;
  readonly sessionId: string;
}

/** The queries that end sessions; part of the session store. */
export function createEndingQueries(db: SessionQueries, { perAccount }: { readonly perAccount: number }) {
  return {
    /** Ends a session. @returns whether this call ended it */
    async end(sessionId: string, reason: EndReason, now: Date): Promise<boolean> {
      return (await end(db, { sessionIds: [sessionId], reason }, now)).length > 0;
    },

    /** Ends a live session of this account. @returns whether this call ended it */
    async endOwn({ sessionId, accountId }: Arrival, now: Date): Promise<boolean> {
      const update = db
        .updateTable("sessions")
        .set({ ended_at: now, end_reason: "logout" })
        .where("id", "=", sessionId)
        .where("user_id", "=", accountId)
        .where("ended_at", "is", null)
        .where("expires_at", ">", now)
        .returning("id");
      return (await repeatable(() => update.execute())).length > 0;
    },

    /** Ends the live sessions of an account, except those named. @returns the ids of those that this call ended */
    async endAll({ accountId, except, reason }: AccountSessions, now: Date): Promise<string[]> {
      const ended = await end(db, { accountIds: [accountId], except, reason }, now);
      return ended.map(({ sessionId }) => sessionId);
    },

    /** Ends sessions in one statement, which is the last of its transaction. @returns those that this call ended */
    async endMany(sessions: Ending, now: Date): Promise<EndedSession[]> {
      const update = endingOf(db, sessions, now);
      return update ? toEnded(await repeatable(() => runLast(db, update.compile()))) : [];
    },

    /**
     * Ends the sessions of an account that were used longest ago, if together with the new one they are too many:
     * usually one, or more after the limit was lowered. Call it in a transaction that holds the account's row, so that
     * racing sign-ins see each other.
     * @returns the ids of those that this call ended
     */
    async makeRoom({ accountId, sessionId }: Arrival, now: Date): Promise<string[]> {
      const ended = await endOldest(db, { accountId, sessionId, now, kept: perAccount - 1 });
      return ended.map(({ id }) => id);
    },
  };
}

/** Ends sessions in one statement. @returns those that this call ended */
export async function end(db: SessionQueries, sessions: Ending, now: Date): Promise<EndedSession[]> {
  const update = endingOf(db, sessions, now);
  return update ? toEnded(await repeatable(() => update.execute())) : [];
}

/** @returns undefined if there is nothing to end */
function endingOf(
  db: SessionQueries,
  { sessionIds = [], accountIds = [], except = [], reason = "logout", reused = [] }: Ending,
  now: Date,
) {
  const named = [...new Set([...sessionIds, ...reused])];
  if (named.length === 0 && accountIds.length === 0) return undefined;
  return db
    .updateTable("sessions")
    .set((row) => ({ ended_at: now, end_reason: reasonOf(row, { reason, reused }) }))
    .where("ended_at", "is", null)
    .where("id", "in", accountIds.length === 0 ? named : reachedBy(db, { named, accountIds, except, now }))
    .returning(["id", "user_id", "end_reason"]);
}

type EndedRow = { readonly id: string; readonly user_id: string; readonly end_reason: EndReason | null };

function toEnded(rows: readonly EndedRow[]): EndedSession[] {
  return rows.map((row) => ({ sessionId: row.id, accountId: row.user_id, reason: row.end_reason ?? "logout" }));
}

interface Reach {
  readonly named: readonly string[];
  readonly accountIds: readonly string[];
  readonly except: readonly string[];
  readonly now: Date;
}

/**
 * The ids of the sessions named, and of the live ones of these accounts. Each part has an index of its own. For one
 * condition with `or` SQL Server might read the whole table, and lock each row that it looks at.
 */
function reachedBy(db: SessionQueries, { named, accountIds, except, now }: Reach) {
  const sessions = db.selectFrom("sessions").select("id").where("ended_at", "is", null);
  const live = sessions.where("user_id", "in", accountIds).where("expires_at", ">", now);
  const others = except.length > 0 ? live.where("id", "not in", except) : live;
  return named.length > 0 ? others.unionAll(sessions.where("id", "in", named)) : others;
}

function reasonOf(
  row: ExpressionBuilder<Tables, "sessions">,
  { reason, reused }: { reason: EndReason; reused: readonly string[] },
) {
  const usual = row.val(reason);
  if (reused.length === 0) return usual;
  return row.case().when("id", "in", reused).then(row.val<EndReason>("reuse")).else(usual).end();
}

/** SQL Server locks a whole table at 5,000 rows per statement. The next sign-in ends the rest. */
const endedAtOnce = 4000;

type Limit = { accountId: string; sessionId: string; kept: number; now: Date };

/**
 * A session was last used when its unused token was created. The new session is left out: it may exist already, and must
 * not make room for itself.
 */
const endOldest = prepared((db: SessionQueries, param: ParameterOf<Limit>) =>
  db
    .updateTable("sessions")
    .set({ ended_at: param("now"), end_reason: "limit" })
    .where("ended_at", "is", null)
    .where("id", "in", (query) =>
      query
        .selectFrom("sessions as live")
        .innerJoin("refresh_tokens", "refresh_tokens.session_id", "live.id")
        .select("live.id")
        .where("live.user_id", "=", param("accountId"))
        .where("live.id", "!=", param("sessionId"))
        .where("live.ended_at", "is", null)
        .where("live.expires_at", ">", param("now"))
        .where("refresh_tokens.consumed_at", "is", null)
        .where("refresh_tokens.expires_at", ">", param("now"))
        .orderBy("refresh_tokens.created_at", "desc")
        .limit(endedAtOnce)
        .offset(param("kept")),
    )
    .returning("id"),
);
