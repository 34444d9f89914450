import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { judgeUnrotated, refreshTokenExpiry } from "./rotation.ts";
import { end, findLive, type Principal } from "./session-queries.ts";
import type { SessionQueries } from "./tables.ts";

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

/** Adds an unused token to a session's family. */
export async function insertRefreshToken(
  db: SessionQueries,
  token: { hash: Buffer; sessionId: string; expiresAt: Date },
  now: Date,
): Promise<void> {
  await insertToken(db, { ...token, now });
}

type NewToken = { hash: Buffer; sessionId: string; expiresAt: Date; now: Date };

const insertToken = prepared((db: SessionQueries, param: ParameterOf<NewToken>) =>
  db.insertInto("refresh_tokens").values({
    token_hash: param("hash"),
    session_id: param("sessionId"),
    created_at: param("now"),
    expires_at: param("expiresAt"),
    consumed_at: null,
  }),
);

/** See `SessionStore.rotate`. */
export async function rotate(
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
  const [used] = await consumeToken(db, { tokenHash, now });
  return used?.session_id;
}

const consumeToken = prepared((db: SessionQueries, param: ParameterOf<{ tokenHash: Buffer; now: Date }>) =>
  db
    .updateTable("refresh_tokens")
    .set({ consumed_at: param("now") })
    .where("token_hash", "=", param("tokenHash"))
    .where("consumed_at", "is", null)
    .where("expires_at", ">", param("now"))
    .returning("session_id"),
);

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

/** See `SessionStore.findByRefreshToken`. */
export async function findByRefreshToken(
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
