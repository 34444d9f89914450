import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { judgeUnrotated, refreshTokenExpiry, type Rotation } from "./rotation.ts";
import { end, findLive, type Principal } from "./session-queries.ts";
import { givePlace } from "./status-places.ts";
import type { SessionQueries } from "./tables.ts";

/** Lifetimes, in seconds. */
export interface SessionLimits {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly graceSeconds: number;
}

/** A session as a credential names it. */
export interface NamedSession {
  readonly sessionId: string;
  readonly accountId: string;
  /** Whether the credential that names it would still be served. */
  readonly isLive: boolean;
  /** Whether the token was used before, too long ago for a repeat: it may be stolen. */
  readonly isReuse: boolean;
}

/** A session as a refresh token names it, and when that token expires. */
export interface RefreshTokenSession extends NamedSession {
  readonly expiresAt: Date;
}

/** The outcome of presenting a refresh token. */
export type RotationOutcome =
  | { readonly rotation: "rotate" | "repeat"; readonly principal: Principal; readonly expiresAt: Date }
  | { readonly rotation: "reuse" | "invalid"; readonly sessionId?: string; readonly accountId?: string };

/** The presented token and its successor, by their hashes. */
export interface PresentedHashes {
  readonly tokenHash: Buffer;
  readonly successorHash: Buffer;
}

type NewToken = { hash: Buffer; sessionId: string; expiresAt: Date; now: Date };

/** Adds an unused token to a session's family. */
export const insertRefreshToken = prepared((db: SessionQueries, param: ParameterOf<NewToken>) =>
  db.insertInto("refresh_tokens").values({
    token_hash: param("hash"),
    session_id: param("sessionId"),
    created_at: param("now"),
    expires_at: param("expiresAt"),
    consumed_at: null,
  }),
);

/** The session of an unused, unexpired token. */
const findUnused = prepared((db: SessionQueries, param: ParameterOf<{ tokenHash: Buffer; now: Date }>) =>
  db
    .selectFrom("refresh_tokens")
    .select("session_id")
    .where("token_hash", "=", param("tokenHash"))
    .where("consumed_at", "is", null)
    .where("expires_at", ">", param("now")),
);

/** Marks an unused token as used: of racing calls, one gets its row. */
const useUp = prepared((db: SessionQueries, param: ParameterOf<{ tokenHash: Buffer; now: Date }>) =>
  db
    .updateTable("refresh_tokens")
    .set({ consumed_at: param("now") })
    .where("token_hash", "=", param("tokenHash"))
    .where("consumed_at", "is", null)
    .returning("session_id"),
);

/** See `SessionStore.rotate`. The reads spare a token whose session is not live; the update alone decides the race. */
export async function rotate(
  db: SessionQueries,
  { limits, ...hashes }: PresentedHashes & { limits: SessionLimits },
  now: Date,
): Promise<RotationOutcome> {
  const { tokenHash, successorHash } = hashes;
  const [unused] = await findUnused(db, { tokenHash, now });
  const live = unused && (await findLive(db, unused.session_id, now));
  const [used] = live ? await useUp(db, { tokenHash, now }) : [];
  if (!live || !used) return repeatOrRefuse(db, { ...hashes, limits }, now);
  const { sessionId } = live;
  const statusIndex = live.statusIndex ?? (await givePlace(db, sessionId));
  const expiresAt = refreshTokenExpiry(limits.idleSeconds, live.sessionExpiresAt, now);
  await insertRefreshToken(db, { hash: successorHash, sessionId, expiresAt, now });
  return { rotation: "rotate", principal: { ...live, statusIndex }, expiresAt };
}

async function repeatOrRefuse(
  db: SessionQueries,
  { tokenHash, successorHash, limits }: PresentedHashes & { limits: SessionLimits },
  now: Date,
): Promise<RotationOutcome> {
  const found = await lookUp(db, { tokenHash, limits }, now);
  if (!found) return { rotation: "invalid" };
  const { token, live, rotation } = found;
  const named = { sessionId: token.session_id, accountId: token.user_id };
  if (rotation === "repeat" && live) {
    const successor = await findToken(db, successorHash);
    // There is none when SECRET_KEY was changed in between: an unknown token must not replace a good one.
    if (!successor) return { rotation: "invalid", ...named };
    return { rotation, principal: live, expiresAt: successor.expires_at };
  }
  if (rotation === "reuse") await end(db, { sessionId: token.session_id, reason: "reuse" }, now);
  return { rotation: rotation === "reuse" ? "reuse" : "invalid", ...named };
}

/** See `SessionStore.findByRefreshToken`. */
export async function findByRefreshToken(
  db: SessionQueries,
  presented: { tokenHash: Buffer; limits: SessionLimits },
  now: Date,
): Promise<RefreshTokenSession | undefined> {
  const found = await lookUp(db, presented, now);
  if (!found) return undefined;
  const { token, live, rotation } = found;
  const isUnused = token.consumed_at === null && token.expires_at > now;
  return {
    sessionId: token.session_id,
    accountId: token.user_id,
    isLive: live !== undefined && (isUnused || rotation === "repeat"),
    expiresAt: token.expires_at,
    isReuse: rotation === "reuse",
  };
}

interface FoundToken {
  readonly token: { session_id: string; user_id: string; consumed_at: Date | null; expires_at: Date };
  readonly live: Principal | undefined;
  readonly rotation: Exclude<Rotation, "rotate">;
}

/** A known token with its session, and what it means that it could not be used up. */
async function lookUp(
  db: SessionQueries,
  { tokenHash, limits }: { tokenHash: Buffer; limits: SessionLimits },
  now: Date,
): Promise<FoundToken | undefined> {
  const token = await findToken(db, tokenHash);
  if (!token) return undefined;
  const live = await findLive(db, token.session_id, now);
  const presented = { consumedAt: token.consumed_at, isSessionLive: live !== undefined };
  return { token, live, rotation: judgeUnrotated(presented, limits.graceSeconds, now) };
}

async function findToken(db: SessionQueries, tokenHash: Buffer): Promise<FoundToken["token"] | undefined> {
  return db
    .selectFrom("refresh_tokens")
    .innerJoin("sessions", "sessions.id", "refresh_tokens.session_id")
    .select(["session_id", "user_id", "consumed_at", "refresh_tokens.expires_at"])
    .where("token_hash", "=", tokenHash)
    .executeTakeFirst();
}
