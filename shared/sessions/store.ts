import type { Kysely } from "kysely";
import type { Queries } from "../platform/database/database.ts";
import { addSeconds } from "../platform/clock.ts";
import { newId } from "../platform/random.ts";
import { judgeUnrotated, refreshTokenExpiry } from "./rotation.ts";

/** Why a session ended. */
export type EndReason = "logout" | "reuse";

interface SessionsTable {
  id: string;
  user_id: string;
  created_at: Date;
  /** The absolute limit. */
  expires_at: Date;
  ended_at: Date | null;
  end_reason: EndReason | null;
}

interface RefreshTokensTable {
  token_hash: Buffer;
  session_id: string;
  created_at: Date;
  expires_at: Date;
  consumed_at: Date | null;
}

/** The columns of `users` that a principal carries. This folder reads them and never writes them. */
export interface PrincipalAccount {
  id: string;
  email: string | null;
  email_verified_at: Date | null;
  username: string;
  provider: string | null;
  is_active: boolean;
  created_at: Date;
  updated_at: Date;
  last_login_at: Date | null;
}

/** Who is calling: a live session and its active account, read together. */
export interface Principal {
  readonly sessionId: string;
  readonly account: PrincipalAccount;
}

/** Lifetimes, in seconds. */
export interface SessionLimits {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly graceSeconds: number;
}

/** A session as a refresh token names it. */
export interface NamedSession {
  readonly sessionId: string;
  readonly accountId: string;
  /** Whether the token would still refresh it. */
  readonly isLive: boolean;
}

/** The outcome of presenting a refresh token. */
export type RotationOutcome =
  | {
      readonly rotation: "rotate" | "repeat";
      readonly principal: Principal;
      readonly expiresAt: Date;
    }
  | {
      readonly rotation: "reuse" | "invalid";
      readonly sessionId?: string;
      readonly accountId?: string;
    };

/** The queries on `sessions` and `refresh_tokens`. */
export interface SessionStore {
  /** Begins a session with its first refresh token. @returns its id, and when the token expires */
  begin(session: { accountId: string; tokenHash: Buffer }, now: Date): Promise<{ sessionId: string; expiresAt: Date }>;
  /** The live session with this id and its active account; undefined when either is gone. */
  findPrincipal(sessionId: string, now: Date): Promise<Principal | undefined>;
  /**
   * Uses up a refresh token and puts its successor in its place. One conditional update decides between racing calls.
   * To be called in a transaction, and its outcome kept: a detected reuse has ended the session.
   */
  rotate(token: { tokenHash: Buffer; successorHash: Buffer }, now: Date): Promise<RotationOutcome>;
  /** The session that a refresh token belongs to, without using the token; undefined for an unknown one. */
  findByRefreshToken(tokenHash: Buffer, now: Date): Promise<NamedSession | undefined>;
  /** Ends a session. @returns whether it was this call that ended it */
  end(sessionId: string, reason: EndReason, now: Date): Promise<boolean>;
  /** Ends the sessions of an account, all but those named. @returns the ids of those that this call ended */
  endAll(sessions: { accountId: string; except: readonly string[] }, now: Date): Promise<string[]>;
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
  };
}

type Tables = {
  sessions: SessionsTable;
  refresh_tokens: RefreshTokensTable;
  users: PrincipalAccount;
};

type SessionQueries = Kysely<Tables>;

async function begin(
  db: SessionQueries,
  { accountId, tokenHash, limits }: { accountId: string; tokenHash: Buffer; limits: SessionLimits },
  now: Date,
) {
  const sessionId = newId(now);
  const sessionExpiresAt = addSeconds(now, limits.absoluteSeconds);
  await db
    .insertInto("sessions")
    .values({
      id: sessionId,
      user_id: accountId,
      created_at: now,
      expires_at: sessionExpiresAt,
      ended_at: null,
      end_reason: null,
    })
    .execute();
  const expiresAt = refreshTokenExpiry(limits.idleSeconds, sessionExpiresAt, now);
  await insertRefreshToken(db, { hash: tokenHash, sessionId, expiresAt }, now);
  return { sessionId, expiresAt };
}

async function insertRefreshToken(
  db: SessionQueries,
  token: { hash: Buffer; sessionId: string; expiresAt: Date },
  now: Date,
): Promise<void> {
  const row = {
    token_hash: token.hash,
    session_id: token.sessionId,
    created_at: now,
    expires_at: token.expiresAt,
    consumed_at: null,
  };
  await db.insertInto("refresh_tokens").values(row).execute();
}

async function findLive(
  db: SessionQueries,
  sessionId: string,
  now: Date,
): Promise<{ principal: Principal; sessionExpiresAt: Date } | undefined> {
  const row = await db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select([
      "sessions.expires_at",
      "users.id",
      "email",
      "email_verified_at",
      "username",
      "provider",
      "is_active",
      "users.created_at",
      "updated_at",
      "last_login_at",
    ])
    .where("sessions.id", "=", sessionId)
    .where("sessions.ended_at", "is", null)
    .where("sessions.expires_at", ">", now)
    .where("users.is_active", "=", true)
    .executeTakeFirst();
  if (!row) return undefined;
  const { expires_at: sessionExpiresAt, ...account } = row;
  return { sessionExpiresAt, principal: { sessionId, account } };
}

async function rotate(
  db: SessionQueries,
  { tokenHash, successorHash, limits }: { tokenHash: Buffer; successorHash: Buffer; limits: SessionLimits },
  now: Date,
): Promise<RotationOutcome> {
  const sessionId = await useUp(db, tokenHash, now);
  if (sessionId === undefined) return refuseOrRepeat(db, { tokenHash, limits }, now);
  const live = await findLive(db, sessionId, now);
  if (!live) return { rotation: "invalid", sessionId };
  const expiresAt = refreshTokenExpiry(limits.idleSeconds, live.sessionExpiresAt, now);
  await insertRefreshToken(db, { hash: successorHash, sessionId, expiresAt }, now);
  return { rotation: "rotate", principal: live.principal, expiresAt };
}

/** Marks an unused, unexpired token as used. @returns its session; undefined when another call was first, or it was neither */
async function useUp(db: SessionQueries, tokenHash: Buffer, now: Date): Promise<string | undefined> {
  const used = await db
    .updateTable("refresh_tokens")
    .set({ consumed_at: now })
    .where("token_hash", "=", tokenHash)
    .where("consumed_at", "is", null)
    .where("expires_at", ">", now)
    .returning("session_id")
    .executeTakeFirst();
  return used?.session_id;
}

async function refuseOrRepeat(
  db: SessionQueries,
  presented: { tokenHash: Buffer; limits: SessionLimits },
  now: Date,
): Promise<RotationOutcome> {
  const { token, live, rotation } = await judge(db, presented, now);
  if (!token) return { rotation: "invalid" };
  if (rotation === "repeat" && live && token.consumed_at) {
    const expiresAt = refreshTokenExpiry(presented.limits.idleSeconds, live.sessionExpiresAt, token.consumed_at);
    return { rotation, principal: live.principal, expiresAt };
  }
  if (rotation === "reuse") await end(db, { sessionId: token.session_id, reason: "reuse" }, now);
  return {
    rotation: rotation === "reuse" ? "reuse" : "invalid",
    sessionId: token.session_id,
    accountId: token.user_id,
  };
}

/** What a token means that could not be used up, and whose session it is. */
async function judge(
  db: SessionQueries,
  { tokenHash, limits }: { tokenHash: Buffer; limits: SessionLimits },
  now: Date,
) {
  const token = await db
    .selectFrom("refresh_tokens")
    .innerJoin("sessions", "sessions.id", "refresh_tokens.session_id")
    .select(["session_id", "user_id", "consumed_at", "refresh_tokens.expires_at"])
    .where("token_hash", "=", tokenHash)
    .executeTakeFirst();
  const live = token && (await findLive(db, token.session_id, now));
  const presented = token && { consumedAt: token.consumed_at, isSessionLive: live !== undefined };
  return { token, live, rotation: judgeUnrotated(presented, limits.graceSeconds, now) };
}

async function findByRefreshToken(
  db: SessionQueries,
  presented: { tokenHash: Buffer; limits: SessionLimits },
  now: Date,
): Promise<NamedSession | undefined> {
  const { token, live, rotation } = await judge(db, presented, now);
  if (!token) return undefined;
  const isUnused = token.consumed_at === null && token.expires_at > now;
  return {
    sessionId: token.session_id,
    accountId: token.user_id,
    isLive: live !== undefined && (isUnused || rotation === "repeat"),
  };
}

async function end(
  db: SessionQueries,
  { sessionId, reason }: { sessionId: string; reason: EndReason },
  now: Date,
): Promise<boolean> {
  const ended = await db
    .updateTable("sessions")
    .set({ ended_at: now, end_reason: reason })
    .where("id", "=", sessionId)
    .where("ended_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  return ended !== undefined;
}

async function endAll(
  db: SessionQueries,
  { accountId, except }: { accountId: string; except: readonly string[] },
  now: Date,
): Promise<string[]> {
  const live = db
    .updateTable("sessions")
    .set({ ended_at: now, end_reason: "logout" })
    .where("user_id", "=", accountId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", now);
  const others = except.length > 0 ? live.where("id", "not in", except) : live;
  return (await others.returning("id").execute()).map(({ id }) => id);
}
