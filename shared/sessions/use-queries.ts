import { addSeconds } from "../platform/clock.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { placeColumns, type Source } from "../platform/source.ts";
import type { SessionQueries } from "./tables.ts";

/** A live session as its owner sees it. */
export interface SessionInUse {
  readonly sessionId: string;
  readonly createdAt: Date;
  /** To within five minutes. */
  readonly lastUsedAt: Date;
  readonly userAgent: string | null;
  readonly address: string | null;
}

/** A use of a session: without a source if the caller may be someone else with its access token. */
export interface SessionUse {
  readonly sessionId: string;
  readonly source?: Source;
}

/** How long a use goes without being written down, after the one before it. */
const noteEverySeconds = 5 * 60;

/** Whether a use now is to be written down, given the last one that was. */
export function isUseDue(lastUsedAt: Date | null, now: Date): boolean {
  return lastUsedAt === null || lastUsedAt <= addSeconds(now, -noteEverySeconds);
}

/** The queries on where and when sessions are used; part of the session store. */
export function createUseQueries(db: SessionQueries) {
  return {
    /**
     * Writes down that a session is used, unless that was done in the last five minutes: one conditional update. Travels
     * with the next statement in a transaction.
     */
    async noteUse({ sessionId, source }: SessionUse, now: Date): Promise<void> {
      const use = { sessionId, now, before: addSeconds(now, -noteEverySeconds) };
      if (source) await noteUseFrom.later(db, { ...use, ...placeColumns(source) });
      else await noteUse.later(db, use);
    },

    /** The live sessions of an account that can still be refreshed, the one used last first. */
    async listInUse(accountId: string, now: Date): Promise<SessionInUse[]> {
      const rows = await db
        .selectFrom("sessions as live")
        .innerJoin("refresh_tokens", "refresh_tokens.session_id", "live.id")
        .select(["live.id", "live.created_at", "live.last_used_at", "live.user_agent", "live.address"])
        .select("refresh_tokens.created_at as refreshed_at")
        .where("live.user_id", "=", accountId)
        .where("live.ended_at", "is", null)
        .where("live.expires_at", ">", now)
        .where("refresh_tokens.consumed_at", "is", null)
        .where("refresh_tokens.expires_at", ">", now)
        .execute();
      const sessions = rows.map(({ id, created_at: createdAt, user_agent: userAgent, address, ...used }) => {
        const { last_used_at: noted, refreshed_at: refreshedAt } = used;
        const lastUsedAt = noted !== null && noted > refreshedAt ? noted : refreshedAt;
        return { sessionId: id, createdAt, lastUsedAt, userAgent, address };
      });
      return sessions.toSorted((one, other) => other.lastUsedAt.getTime() - one.lastUsedAt.getTime());
    },
  };
}

type Use = { sessionId: string; now: Date; before: Date };

const useOf = (db: SessionQueries, param: ParameterOf<Use>) =>
  db
    .updateTable("sessions")
    .where("id", "=", param("sessionId"))
    .where((row) => row.or([row("last_used_at", "is", null), row("last_used_at", "<=", param("before"))]));

const noteUse = prepared((db: SessionQueries, param: ParameterOf<Use>) =>
  useOf(db, param).set({ last_used_at: param("now") }),
);

const noteUseFrom = prepared((db: SessionQueries, param: ParameterOf<Use & ReturnType<typeof placeColumns>>) =>
  useOf(db, param).set({
    last_used_at: param("now"),
    address: param("address"),
    user_agent: param("user_agent"),
  }),
);
