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
import type { IndexSlice } from "../platform/database/free-index.ts";
import { freePlaces, purge, type Purged } from "./purge.ts";
import type { PresentedToken } from "./refresh-token.ts";
import { refreshTokenExpiry } from "./rotation.ts";
import { makeRoom } from "./session-limit.ts";
import { end, endAll, findLive, noteAuthentication, type AccountSessions, type Principal } from "./session-queries.ts";
import {
  claimPlace,
  endedSince,
  highestOfWholeList,
  highestStatusIndex,
  isUsedByReleaseBefore,
} from "./status-places.ts";
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
  rotate(token: PresentedToken, now: Date): Promise<RotationOutcome>;
  /** The session that a refresh token belongs to, without using the token; undefined for an unknown one. */
  findByRefreshToken(token: PresentedToken, now: Date): Promise<RefreshTokenSession | undefined>;
  /** Notes that the person of a session has proven again who they are. */
  noteAuthentication(sessionId: string, authentication: Authentication): Promise<void>;
  /**
   * Ends those sessions of an account that were used longest ago, where beside the one named they are too many. To be called
   * in a transaction that holds the account's row, so that of racing sign-ins each sees the one before.
   * @returns the ids of those that this call ended
   */
  makeRoom(session: { readonly accountId: string; readonly sessionId: string }, now: Date): Promise<string[]>;
  /** Ends a session. @returns whether it was this call that ended it */
  end(sessionId: string, reason: EndReason, now: Date): Promise<boolean>;
  /** Ends the sessions of an account, all but those named. @returns the ids of those that this call ended */
  endAll(sessions: AccountSessions, now: Date): Promise<string[]>;
  /** The places of the sessions that were ended after `since`, in their order: all, or the first of a slice. */
  endedSince(since: Date, slice?: IndexSlice): Promise<number[]>;
  /** The highest place in use; undefined when there is no session. */
  highestStatusIndex(): Promise<number | undefined>;
  /** The highest place that was in use when there was one list for all, of sessions and clients' tokens. */
  highestOfWholeList(): Promise<number>;
  /** Whether a release from before sharding has begun or refreshed a session after `since`. */
  isUsedByReleaseBefore(since: Date): Promise<boolean>;
  /**
   * Removes at most `limit` refresh tokens that have expired, and the sessions that are left without any. To be called in
   * a transaction.
   */
  purge(limit: number, now: Date): Promise<Purged>;
  /** Takes their places from at most `limit` sessions that had ended by `before`, and leaves the rows. @returns how many */
  freePlaces(limit: number, before: Date): Promise<number>;
}

export function createSessionStore(queries: Queries, options: SessionLimits): SessionStore {
  const db = queries.withTables<Tables>();
  return {
    begin: (session, now) => begin(db, { ...session, ...options }, now),
    findPrincipal: (sessionId, now) => findLive(db, sessionId, now),
    rotate: (token, now) => rotate(db, { ...token, limits: options }, now),
    findByRefreshToken: (token, now) => findByRefreshToken(db, { ...token, limits: options }, now),
    noteAuthentication: (sessionId, authentication) => noteAuthentication(db, { sessionId, authentication }),
    makeRoom: (session, now) => makeRoom(db, { ...session, perAccount: options.perAccount }, now),
    end: (sessionId, reason, now) => end(db, { sessionId, reason }, now),
    endAll: (sessions, now) => endAll(db, sessions, now),
    endedSince: (since, slice) => endedSince(db, since, slice),
    highestStatusIndex: () => highestStatusIndex(db),
    highestOfWholeList: () => highestOfWholeList(db),
    isUsedByReleaseBefore: (since) => isUsedByReleaseBefore(db, since),
    purge: (limit, now) => purge(db, limit, now),
    freePlaces: (limit, before) => freePlaces(db, limit, before),
  };
}

async function begin(
  db: SessionQueries,
  { sessionId, accountId, tokenHash, authentication, ...limits }: NewSession & SessionLimits,
  now: Date,
): Promise<BegunSession> {
  const sessionExpiresAt = addSeconds(now, limits.absoluteSeconds);
  const dates = { created_at: now, expires_at: sessionExpiresAt };
  const row = { id: sessionId, user_id: accountId, ...dates, ...toColumns(authentication) };
  const endedBefore = addSeconds(now, -limits.placeKeptSeconds(now));
  // Ids are random: a row with this one comes from an earlier run.
  const statusIndex = await claimPlace(db, { sessionId, endedBefore }, (index) =>
    db
      .insertInto("sessions")
      .values({ ...row, ended_at: null, end_reason: null, status_index: index })
      .execute(),
  );
  const expiresAt = refreshTokenExpiry(limits.idleSeconds, sessionExpiresAt, now);
  await isDuplicate(insertRefreshToken(db, { hash: tokenHash, sessionId, expiresAt, now }));
  return { sessionId, statusIndex, sessionExpiresAt, expiresAt, authentication };
}
