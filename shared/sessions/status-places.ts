import { isDuplicate } from "../platform/database/errors.ts";
import {
  allIndexes,
  candidateNames,
  claimIndex,
  type Candidates,
  type IndexSlice,
} from "../platform/database/free-index.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { SessionQueries } from "./tables.ts";

/** See `SessionStore.endedSince`. */
export async function endedSince(
  db: SessionQueries,
  since: Date,
  { first, last, limit }: IndexSlice = allIndexes,
): Promise<number[]> {
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

/** See `SessionStore.highestOfWholeList`. */
export async function highestOfWholeList(db: SessionQueries): Promise<number> {
  const highest = db
    .selectFrom("whole_status_list")
    .select("highest_index")
    .where("highest_index", ">=", 0)
    .orderBy("highest_index", "desc")
    .limit(1);
  return (await highest.executeTakeFirst())?.highest_index ?? 0;
}

/** See `SessionStore.isUsedByReleaseBefore`. It notes neither how a session began nor where a token was used from. */
export async function isUsedByReleaseBefore(db: SessionQueries, since: Date): Promise<boolean> {
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
}

/** Who looks for a place, and when a session ended at the latest whose place is free again. */
interface Seeker {
  readonly sessionId: string;
  readonly endedBefore: Date;
}

/**
 * Finds a place for a session, be it one that another has still which ended long ago. @param write writes its row with this
 * place; a duplicate is where another has it, or where an earlier run, whose commit was taken and its answer lost, has given
 * this session one
 */
export async function claimPlace(
  db: SessionQueries,
  { sessionId, endedBefore }: Seeker,
  write: (index: number) => Promise<unknown>,
): Promise<number> {
  const left = new Set<number>();
  return claimIndex({
    async taken(candidates) {
      const rows = await selectTaken(db, candidates);
      for (const { status_index: index, ended_at: endedAt } of rows)
        if (index !== null && endedAt !== null && endedAt <= endedBefore) left.add(index);
      return rows.flatMap(({ status_index: index }) => (index === null || left.has(index) ? [] : index));
    },
    async take(index) {
      if (left.has(index)) await freePlace(db, index, endedBefore);
      return (await isDuplicate(write(index))) ? placeOf(db, sessionId) : index;
    },
  });
}

const selectTaken = prepared((db: SessionQueries, param: ParameterOf<Candidates>) =>
  db.selectFrom("sessions").select(["status_index", "ended_at"]).where("status_index", "in", candidateNames.map(param)),
);

async function freePlace(db: SessionQueries, index: number, endedBefore: Date): Promise<void> {
  await db
    .updateTable("sessions")
    .set({ status_index: null })
    .where("status_index", "=", index)
    .where("ended_at", "<=", endedBefore)
    .execute();
}

/** Gives a session a place in the status list that has none: it was begun by a release that knew of no list. */
export async function givePlace(db: SessionQueries, sessionId: string, endedBefore: Date): Promise<number> {
  const place = (index: number) =>
    db
      .updateTable("sessions")
      .set({ status_index: index })
      .where("id", "=", sessionId)
      .where("status_index", "is", null)
      .execute();
  const claimed = await claimPlace(db, { sessionId, endedBefore }, place);
  // A refresh beside this one may have been first.
  return (await placeOf(db, sessionId)) ?? claimed;
}

async function placeOf(db: SessionQueries, sessionId: string): Promise<number | undefined> {
  const own = db.selectFrom("sessions").select("status_index").where("id", "=", sessionId);
  return (await own.executeTakeFirst())?.status_index ?? undefined;
}
