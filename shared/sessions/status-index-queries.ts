import { isDuplicate } from "../platform/database/errors.ts";
import {
  allIndexes,
  candidates,
  claimIndex,
  firstFree,
  type Draws,
  type IndexSlice,
} from "../platform/database/free-index.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { SessionQueries } from "./tables.ts";

/** The queries behind the status lists; part of the session store. */
export function createStatusIndexQueries(db: SessionQueries) {
  return {
    /** The indexes of sessions that ended after `since`, in order: all of them, or the first of a slice. */
    async endedSince(since: Date, { first, last, limit }: IndexSlice = allIndexes): Promise<number[]> {
      const rows = await db
        .selectFrom("sessions")
        .select("status_index")
        .where("status_index", ">=", first)
        .where("status_index", "<=", last)
        .where("ended_at", "is not", null)
        .where("ended_at", ">", since)
        .orderBy("status_index")
        .limit(limit)
        .execute();
      return rows.flatMap(({ status_index: index }) => index ?? []);
    },

    /** The highest index in use; undefined if there is no session. */
    async highestStatusIndex(): Promise<number | undefined> {
      const highest = db
        .selectFrom("sessions")
        .select("status_index")
        .where("status_index", "is not", null)
        .orderBy("status_index", "desc")
        .limit(1);
      return (await highest.executeTakeFirst())?.status_index ?? undefined;
    },

    /** The highest index in use when there was a single list, of sessions and client tokens. */
    async highestOfWholeList(): Promise<number> {
      const highest = db
        .selectFrom("whole_status_list")
        .select("highest_index")
        .where("highest_index", ">=", 0)
        .orderBy("highest_index", "desc")
        .limit(1);
      return (await highest.executeTakeFirst())?.highest_index ?? 0;
    },

    /**
     * Whether a release older than sharding began or refreshed a session after `since`. Such a release records neither
     * how a session began nor where a token was used from.
     */
    async isUsedByReleaseBefore(since: Date): Promise<boolean> {
      const begun = db
        .selectFrom("sessions")
        .select("id")
        .where("authenticated_at", "is", null)
        .where("created_at", ">", since)
        .limit(1);
      if (await begun.executeTakeFirst()) return true;
      const used = db
        .selectFrom("refresh_tokens")
        .select("session_id")
        .where("used_from", "is", null)
        .where("consumed_at", "is not", null)
        .where("consumed_at", ">", since)
        .limit(1);
      return (await used.executeTakeFirst()) !== undefined;
    },
  };
}

/** Frees the candidates whose sessions ended so long ago that their indexes may be reused. */
export const freeIndexes = prepared((db: SessionQueries, param: ParameterOf<Draws & { endedBefore: Date }>) =>
  db
    .updateTable("sessions")
    .set({ status_index: null })
    .where("status_index", "in", db.selectFrom(candidates(db, param)).select("candidate"))
    .where("status_index", "is not", null)
    .where("ended_at", "is not", null)
    .where("ended_at", "<=", param("endedBefore")),
);

/** The status index of a session, if it has one. */
export async function statusIndexOf(db: SessionQueries, sessionId: string): Promise<number | undefined> {
  const own = db.selectFrom("sessions").select("status_index").where("id", "=", sessionId);
  return (await own.executeTakeFirst())?.status_index ?? undefined;
}

/** Gives a status index to a session that has none, because a release older than the status lists began it. */
export async function giveIndex(db: SessionQueries, sessionId: string, endedBefore: Date): Promise<number> {
  return claimIndex(async (draws) => {
    await freeIndexes.later(db, { ...draws, endedBefore });
    await isDuplicate(setIndex(db, { ...draws, sessionId }));
    // A concurrent refresh may have been first.
    return statusIndexOf(db, sessionId);
  });
}

const setIndex = prepared((db: SessionQueries, param: ParameterOf<Draws & { sessionId: string }>) =>
  db
    .updateTable("sessions")
    .set({ status_index: firstFree(db, "sessions", param) })
    .where("id", "=", param("sessionId"))
    .where("status_index", "is", null),
);
