import { addSeconds } from "../platform/clock.ts";
import type { Queries } from "../platform/database/database.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import {
  findByRefreshToken,
  insertRefreshToken,
  rotate,
  type RefreshTokenSession,
  type RotationOutcome,
  type SessionLimits,
} from "./refresh-token-queries.ts";
import type { FreeIndexes } from "../platform/database/free-index.ts";
import { purge, type Purged } from "./purge.ts";
import { refreshTokenExpiry } from "./rotation.ts";
import { end, endAll, endedSince, findLive, highestStatusIndex, type Principal } from "./session-queries.ts";
import type { EndReason, SessionQueries, Tables } from "./tables.ts";

/** What a session begins with: its keys are made by the caller, once. */
export interface NewSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly tokenHash: Buffer;
}

export interface BegunSession {
  readonly sessionId: string;
  readonly statusIndex: number;
  readonly expiresAt: Date;
}

/** The queries on `sessions` and `refresh_tokens`. */
export interface SessionStore {
  /**
   * Begins a session with its first refresh token. A second run with the same id, token and instant leaves what the first
   * has done. @returns its id, its place in the status list, and when the token expires
   */
  begin(session: NewSession, now: Date): Promise<BegunSession>;
  /** The live session with this id and its active account; undefined when either is gone. */
  findPrincipal(sessionId: string, now: Date): Promise<Principal | undefined>;
  /**
   * Uses up a refresh token and puts its successor in its place. One conditional update decides between racing calls.
   * To be called in a transaction, and its outcome kept: a detected reuse has ended the session. A second run at the same
   * instant is a repeat within the grace window, and so gives the same successor.
   */
  rotate(token: { tokenHash: Buffer; successorHash: Buffer }, now: Date): Promise<RotationOutcome>;
  /** The session that a refresh token belongs to, without using the token; undefined for an unknown one. */
  findByRefreshToken(tokenHash: Buffer, now: Date): Promise<RefreshTokenSession | undefined>;
  /** Ends a session. @returns whether it was this call that ended it */
  end(sessionId: string, reason: EndReason, now: Date): Promise<boolean>;
  /** Ends the sessions of an account, all but those named. @returns the ids of those that this call ended */
  endAll(sessions: { accountId: string; except: readonly string[] }, now: Date): Promise<string[]>;
  /** The places of the sessions that were ended after `since`. */
  endedSince(since: Date): Promise<number[]>;
  /** The highest place in use; undefined when there is no session. */
  highestStatusIndex(): Promise<number | undefined>;
  /**
   * Removes at most `limit` refresh tokens that have expired, and the sessions that are left without any. To be called in
   * a transaction.
   */
  purge(limit: number, now: Date): Promise<Purged>;
}

export interface SessionOptions extends SessionLimits {
  readonly statusIndexes: FreeIndexes;
}

export function createSessionStore(queries: Queries, options: SessionOptions): SessionStore {
  const db = queries.withTables<Tables>();
  return {
    begin: (session, now) => begin(db, { ...session, ...options }, now),
    findPrincipal: async (sessionId, now) => (await findLive(db, sessionId, now))?.principal,
    rotate: (token, now) => rotate(db, { ...token, limits: options }, now),
    findByRefreshToken: (tokenHash, now) => findByRefreshToken(db, { tokenHash, limits: options }, now),
    end: (sessionId, reason, now) => end(db, { sessionId, reason }, now),
    endAll: (sessions, now) => endAll(db, sessions, now),
    endedSince: (since) => endedSince(db, since),
    highestStatusIndex: () => highestStatusIndex(db),
    purge: (limit, now) => purge(db, limit, now),
  };
}

async function begin(
  db: SessionQueries,
  { sessionId, accountId, tokenHash, idleSeconds, absoluteSeconds, statusIndexes }: NewSession & SessionOptions,
  now: Date,
): Promise<BegunSession> {
  const sessionExpiresAt = addSeconds(now, absoluteSeconds);
  const row = { id: sessionId, user_id: accountId, created_at: now, expires_at: sessionExpiresAt };
  const take = async (index: number): Promise<number | undefined> => {
    const isTaken = await isThere(
      db
        .insertInto("sessions")
        .values({ ...row, ended_at: null, end_reason: null, status_index: index })
        .execute(),
    );
    if (!isTaken) return index;
    const own = db.selectFrom("sessions").select("status_index").where("id", "=", sessionId);
    return (await own.executeTakeFirst())?.status_index ?? undefined;
  };
  const statusIndex = await statusIndexes.claim({ highest: () => highestStatusIndex(db), take });
  const expiresAt = refreshTokenExpiry(idleSeconds, sessionExpiresAt, now);
  await isThere(insertRefreshToken(db, { hash: tokenHash, sessionId, expiresAt, now }));
  return { sessionId, statusIndex, expiresAt };
}

/**
 * Whether a row with such a key was there. Ids and tokens are random: theirs comes from an earlier run, whose commit was
 * taken and its answer lost.
 */
async function isThere(insert: Promise<unknown>): Promise<boolean> {
  try {
    await insert;
    return false;
  } catch (error) {
    if (error instanceof DuplicateKeyError) return true;
    throw error;
  }
}
