import { addSeconds } from "../platform/clock.ts";
import type { Queries } from "../platform/database/database.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import {
  findByRefreshToken,
  insertRefreshToken,
  rotate,
  type NamedSession,
  type RotationOutcome,
  type SessionLimits,
} from "./refresh-token-queries.ts";
import { purge, type Purged } from "./purge.ts";
import { refreshTokenExpiry } from "./rotation.ts";
import { end, endAll, findLive, type Principal } from "./session-queries.ts";
import type { EndReason, SessionQueries, Tables } from "./tables.ts";

/** What a session begins with: its keys are made by the caller, once. */
export interface NewSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly tokenHash: Buffer;
}

/** The queries on `sessions` and `refresh_tokens`. */
export interface SessionStore {
  /**
   * Begins a session with its first refresh token. A second run with the same id, token and instant leaves what the first
   * has done. @returns its id, and when the token expires
   */
  begin(session: NewSession, now: Date): Promise<{ sessionId: string; expiresAt: Date }>;
  /** The live session with this id and its active account; undefined when either is gone. */
  findPrincipal(sessionId: string, now: Date): Promise<Principal | undefined>;
  /**
   * Uses up a refresh token and puts its successor in its place. One conditional update decides between racing calls.
   * To be called in a transaction, and its outcome kept: a detected reuse has ended the session. A second run at the same
   * instant is a repeat within the grace window, and so gives the same successor.
   */
  rotate(token: { tokenHash: Buffer; successorHash: Buffer }, now: Date): Promise<RotationOutcome>;
  /** The session that a refresh token belongs to, without using the token; undefined for an unknown one. */
  findByRefreshToken(tokenHash: Buffer, now: Date): Promise<NamedSession | undefined>;
  /** Ends a session. @returns whether it was this call that ended it */
  end(sessionId: string, reason: EndReason, now: Date): Promise<boolean>;
  /** Ends the sessions of an account, all but those named. @returns the ids of those that this call ended */
  endAll(sessions: { accountId: string; except: readonly string[] }, now: Date): Promise<string[]>;
  /**
   * Removes at most `limit` refresh tokens that have expired, and the sessions that are left without any. To be called in
   * a transaction.
   */
  purge(limit: number, now: Date): Promise<Purged>;
}

export function createSessionStore(queries: Queries, limits: SessionLimits): SessionStore {
  const db = queries.withTables<Tables>();
  return {
    begin: (session, now) => begin(db, { ...session, limits }, now),
    findPrincipal: async (sessionId, now) => (await findLive(db, sessionId, now))?.principal,
    rotate: (token, now) => rotate(db, { ...token, limits }, now),
    findByRefreshToken: (tokenHash, now) => findByRefreshToken(db, { tokenHash, limits }, now),
    end: (sessionId, reason, now) => end(db, { sessionId, reason }, now),
    endAll: (sessions, now) => endAll(db, sessions, now),
    purge: (limit, now) => purge(db, limit, now),
  };
}

async function begin(
  db: SessionQueries,
  { sessionId, accountId, tokenHash, limits }: NewSession & { limits: SessionLimits },
  now: Date,
) {
  const sessionExpiresAt = addSeconds(now, limits.absoluteSeconds);
  const row = { id: sessionId, user_id: accountId, created_at: now, expires_at: sessionExpiresAt };
  await unlessThere(
    db
      .insertInto("sessions")
      .values({ ...row, ended_at: null, end_reason: null })
      .execute(),
  );
  const expiresAt = refreshTokenExpiry(limits.idleSeconds, sessionExpiresAt, now);
  await unlessThere(insertRefreshToken(db, { hash: tokenHash, sessionId, expiresAt, now }));
  return { sessionId, expiresAt };
}

/** The keys are random: a row that has one of them comes from an earlier run, whose commit was taken and its answer lost. */
async function unlessThere(insert: Promise<unknown>): Promise<void> {
  try {
    await insert;
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
  }
}
