import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { SessionQueries } from "./tables.ts";

/** A session that is about to begin, and how many its account may have. */
export interface Arrival {
  readonly accountId: string;
  readonly sessionId: string;
  readonly perAccount: number;
}

/** The live sessions of an account, each by its unused token: it was made when the session was last used. */
const selectUses = prepared((db: SessionQueries, param: ParameterOf<{ accountId: string; now: Date }>) =>
  db
    .selectFrom("sessions")
    .innerJoin("refresh_tokens", "refresh_tokens.session_id", "sessions.id")
    .select(["sessions.id", "refresh_tokens.created_at as used_at"])
    .where("sessions.user_id", "=", param("accountId"))
    .where("sessions.ended_at", "is", null)
    .where("sessions.expires_at", ">", param("now"))
    .where("refresh_tokens.consumed_at", "is", null)
    .where("refresh_tokens.expires_at", ">", param("now")),
);

/** SQL Server takes 2,100 parameters. */
const endedAtOnce = 500;

/**
 * Ends those sessions of an account that were used longest ago, where with one that arrives they would be too many: one, or
 * more after the limit was lowered. To be called while the account's row is held, so that arrivals come one after the other.
 * @returns the ids of those that this call ended
 */
export async function makeRoom(
  db: SessionQueries,
  { accountId, sessionId, perAccount }: Arrival,
  now: Date,
): Promise<string[]> {
  // A run whose commit was taken and its answer lost has begun this one already: it makes no room for itself again.
  const others = (await selectUses(db, { accountId, now })).filter(({ id }) => id !== sessionId);
  const tooMany = others
    .toSorted((one, other) => one.used_at.getTime() - other.used_at.getTime())
    .slice(0, Math.max(0, others.length - (perAccount - 1)))
    .map(({ id }) => id);
  const ended: { id: string }[] = [];
  for (let from = 0; from < tooMany.length; from += endedAtOnce) {
    const end = db
      .updateTable("sessions")
      .set({ ended_at: now, end_reason: "limit" })
      .where("id", "in", tooMany.slice(from, from + endedAtOnce))
      .where("ended_at", "is", null)
      .returning("id");
    ended.push(...(await end.execute()));
  }
  return ended.map(({ id }) => id);
}
