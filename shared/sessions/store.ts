import { toColumns, type Authentication } from "./authentication.ts";
import { addSeconds } from "../platform/clock.ts";
import type { Queries } from "../platform/database/database.ts";
import {
  findByRefreshToken,
  insertRefreshToken,
  rotate,
  type RefreshTokenSession,
  type RotationOutcome,
  type SessionLimits,
} from "./refresh-token-queries.ts";
import { isDuplicate } from "../platform/database/errors.ts";
import { claimIndex } from "../platform/database/free-index.ts";
import { purge, type Purged } from "./purge.ts";
import { refreshTokenExpiry } from "./rotation.ts";
import {
  end,
  endAll,
  findLive,
  noteAuthentication,
  replace,
  type AccountSessions,
  type Principal,
} from "./session-queries.ts";
import { endedSince, highestStatusIndex, placeOf } from "./status-places.ts";
import type { EndReason, SessionQueries, Tables } from "./tables.ts";

/** What a session begins with: its keys are made by the caller, once. */
export interface NewSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly tokenHash: Buffer;
  readonly authentication: Authentication;
}

export interface BegunSession {
  readonly sessionId: string;
  readonly statusIndex: number;
  /** The absolute limit of the session. */
  readonly sessionExpiresAt: Date;
  /** When its refresh token expires. */
  readonly expiresAt: Date;
  readonly authentication: Authentication;
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
  /** Notes that the person of a session has proven again who they are. */
  noteAuthentication(sessionId: string, authentication: Authentication): Promise<void>;
  /**
   * Ends the session that this refresh token belongs to, since its browser has signed in anew (ASVS 7.2.4).
   * @returns the session; undefined when the token is unknown, or its session was over before
   */
  replace(tokenHash: Buffer, now: Date): Promise<{ sessionId: string; accountId: string } | undefined>;
  /** Ends a session. @returns whether it was this call that ended it */
  end(sessionId: string, reason: EndReason, now: Date): Promise<boolean>;
  /** Ends the sessions of an account, all but those named. @returns the ids of those that this call ended */
  endAll(sessions: AccountSessions, now: Date): Promise<string[]>;
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

export function createSessionStore(queries: Queries, options: SessionLimits): SessionStore {
  const db = queries.withTables<Tables>();
  return {
    begin: (session, now) => begin(db, { ...session, ...options }, now),
    findPrincipal: (sessionId, now) => findLive(db, sessionId, now),
    rotate: (token, now) => rotate(db, { ...token, limits: options }, now),
    findByRefreshToken: (tokenHash, now) => findByRefreshToken(db, { tokenHash, limits: options }, now),
    noteAuthentication: (sessionId, authentication) => noteAuthentication(db, { sessionId, authentication }),
    replace: (tokenHash, now) => replace(db, tokenHash, now),
    end: (sessionId, reason, now) => end(db, { sessionId, reason }, now),
    endAll: (sessions, now) => endAll(db, sessions, now),
    endedSince: (since) => endedSince(db, since),
    highestStatusIndex: () => highestStatusIndex(db),
    purge: (limit, now) => purge(db, limit, now),
  };
}

async function begin(
  db: SessionQueries,
  { sessionId, accountId, tokenHash, authentication, idleSeconds, absoluteSeconds }: NewSession & SessionLimits,
  now: Date,
): Promise<BegunSession> {
  const sessionExpiresAt = addSeconds(now, absoluteSeconds);
  const dates = { created_at: now, expires_at: sessionExpiresAt };
  const row = { id: sessionId, user_id: accountId, ...dates, ...toColumns(authentication) };
  const take = async (index: number): Promise<number | undefined> => {
    const isTaken = await isDuplicate(
      db
        .insertInto("sessions")
        .values({ ...row, ended_at: null, end_reason: null, status_index: index })
        .execute(),
    );
    // Ids are random: a row with this one comes from an earlier run, whose commit was taken and its answer lost.
    return isTaken ? placeOf(db, sessionId) : index;
  };
  const statusIndex = await claimIndex({ highest: () => highestStatusIndex(db), take });
  const expiresAt = refreshTokenExpiry(idleSeconds, sessionExpiresAt, now);
  await isDuplicate(insertRefreshToken(db, { hash: tokenHash, sessionId, expiresAt, now }));
  return { sessionId, statusIndex, sessionExpiresAt, expiresAt, authentication };
}
