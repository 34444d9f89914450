import { addSeconds } from "../platform/clock.ts";
import { isDuplicate } from "../platform/database/errors.ts";
import { claimIndex, firstFree, type Draws } from "../platform/database/free-index.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { placeColumns, type Source } from "../platform/source.ts";
import { toColumns, type Authentication } from "./authentication.ts";
import type { SessionLimits } from "./limits.ts";
import { insertRefreshToken } from "./refresh-token-queries.ts";
import { refreshTokenExpiry } from "./rotation.ts";
import { freeIndexes, statusIndexOf } from "./status-index-queries.ts";
import type { SessionQueries } from "./tables.ts";

/** A session to begin. The caller makes its keys, once. */
export interface NewSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly tokenHash: Buffer;
  readonly authentication: Authentication;
  /** Where it begins. */
  readonly source: Source;
}

export interface BegunSession {
  readonly sessionId: string;
  readonly statusIndex: number;
  /** The absolute limit of the session. */
  readonly sessionExpiresAt: Date;
  /** When its refresh token expires. */
  readonly expiresAt: Date;
  readonly authentication: Authentication;
  /** False if an earlier run of the transaction began it: that run was committed, although its answer was lost. */
  readonly isNew: boolean;
}

/** The queries that begin a session; part of the session store. */
export function createBeginningQueries(db: SessionQueries, limits: SessionLimits) {
  return {
    /**
     * Begins a session with its first refresh token. Call it in a transaction. A second run with the same id, token and
     * time changes nothing. @returns its id, its status index, when the token expires, and whether it is new
     */
    async begin(
      { sessionId, accountId, tokenHash, authentication, source }: NewSession,
      now: Date,
    ): Promise<BegunSession> {
      const sessionExpiresAt = addSeconds(now, limits.absoluteSeconds);
      const expiresAt = refreshTokenExpiry(limits.idleSeconds, sessionExpiresAt, now);
      const columns = { ...toColumns(authentication), ...placeColumns(source) };
      const row = { sessionId, accountId, now, expiresAt: sessionExpiresAt, ...columns };
      const endedBefore = addSeconds(now, -limits.statusIndexKeptSeconds(now));
      const { statusIndex, isNew } = await insertOrFindOwn(db, row, endedBefore);
      if (isNew) await insertRefreshToken.later(db, { hash: tokenHash, sessionId, expiresAt, now });
      return { sessionId, statusIndex, sessionExpiresAt, expiresAt, authentication, isNew };
    },
  };
}

type Row = { sessionId: string; accountId: string; now: Date; expiresAt: Date } & ReturnType<typeof toColumns> &
  ReturnType<typeof placeColumns>;

/**
 * Ids are random, so a row with this one comes from an earlier run whose commit went through, and its token exists too.
 */
async function insertOrFindOwn(db: SessionQueries, row: Row, endedBefore: Date) {
  let isNew = true;
  const statusIndex = await claimIndex(async (draws) => {
    await freeIndexes.later(db, { ...draws, endedBefore });
    let inserted: { status_index: number | null }[] = [];
    const insert = async () => (inserted = await insertSession(db, { ...row, ...draws }));
    if (!(await isDuplicate(insert()))) return inserted[0]?.status_index ?? undefined;
    const own = await statusIndexOf(db, row.sessionId);
    isNew = own === undefined;
    return own;
  });
  return { statusIndex, isNew };
}

const insertSession = prepared((db: SessionQueries, param: ParameterOf<Row & Draws>) =>
  db
    .insertInto("sessions")
    .columns([
      "id",
      "user_id",
      "created_at",
      "expires_at",
      "authenticated_at",
      "amr",
      "user_agent",
      "address",
      "last_used_at",
      "status_index",
    ])
    .expression(
      firstFree(db, "sessions", param)
        .clearSelect()
        .select((row) => [
          row.val(param("sessionId")).as("id"),
          row.val(param("accountId")).as("user_id"),
          row.val(param("now")).as("created_at"),
          row.val(param("expiresAt")).as("expires_at"),
          row.val(param("authenticated_at")).as("authenticated_at"),
          row.val(param("amr")).as("amr"),
          row.val(param("user_agent")).as("user_agent"),
          row.val(param("address")).as("address"),
          row.val(param("now")).as("last_used_at"),
        ])
        .select("candidate"),
    )
    .returning("status_index"),
);
