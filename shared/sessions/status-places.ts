import { isDuplicate } from "../platform/database/errors.ts";
import { claimIndex } from "../platform/database/free-index.ts";
import type { SessionQueries } from "./tables.ts";

/** See `SessionStore.endedSince`. */
export async function endedSince(db: SessionQueries, since: Date): Promise<number[]> {
  const rows = await db
    .selectFrom("sessions")
    .select("status_index")
    .where("ended_at", ">", since)
    .where("status_index", "is not", null)
    .execute();
  return rows.flatMap(({ status_index: index }) => index ?? []);
}

/** The highest place in use; undefined when there is no session. */
export async function highestStatusIndex(db: SessionQueries): Promise<number | undefined> {
  const highest = db
    .selectFrom("sessions")
    .select("status_index")
    .where("status_index", "is not", null)
    .orderBy("status_index", "desc")
    .limit(1);
  return (await highest.executeTakeFirst())?.status_index ?? undefined;
}

/** Gives a session a place in the status list that has none: it was begun by a release that knew of no list. */
export async function givePlace(db: SessionQueries, sessionId: string): Promise<number> {
  const take = async (index: number): Promise<number | undefined> => {
    const isTaken = await isDuplicate(
      db
        .updateTable("sessions")
        .set({ status_index: index })
        .where("id", "=", sessionId)
        .where("status_index", "is", null)
        .execute(),
    );
    return isTaken ? undefined : placeOf(db, sessionId);
  };
  return claimIndex({ highest: () => highestStatusIndex(db), take });
}

/** The place that a session has; undefined for none. */
export async function placeOf(db: SessionQueries, sessionId: string): Promise<number | undefined> {
  const own = db.selectFrom("sessions").select("status_index").where("id", "=", sessionId);
  return (await own.executeTakeFirst())?.status_index ?? undefined;
}
