import { addSeconds } from "../platform/clock.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { PresentedToken } from "./refresh-token.ts";
import { judgeUnrotated, refreshTokenExpiry, type Rotation } from "./rotation.ts";
import { end, findLive, type Principal } from "./session-queries.ts";
import { givePlace } from "./status-places.ts";
import type { SessionQueries } from "./tables.ts";
import { compareUses } from "./use-source.ts";

/** Lifetimes, in seconds, how many live sessions an account may have, and how long a place is kept after its session's end. */
export interface SessionLimits {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly graceSeconds: number;
  readonly perAccount: number;
  readonly placeKeptSeconds: (now: Date) => number;
}

/** A session as a credential names it. */
export interface NamedSession {
  readonly sessionId: string;
  readonly accountId: string;
  /** Whether the credential that names it would still be served. */
  readonly isLive: boolean;
  /** Whether the token was used before, too long ago for a repeat: it may be stolen. */
  readonly isReuse: boolean;
  /** Whether the token is repeated from another network and by another user agent than where it was used. */
  readonly isSuspicious: boolean;
}

/** A session as a refresh token names it, and when that token expires. */
export interface RefreshTokenSession extends NamedSession {
  readonly expiresAt: Date;
}

/** The outcome of presenting a refresh token. */
export type RotationOutcome = (
  | { readonly rotation: "rotate" | "repeat"; readonly principal: Principal; readonly expiresAt: Date }
  | { readonly rotation: "reuse" | "invalid"; readonly sessionId?: string; readonly accountId?: string }
) & {
  /** Whether a repeat, served or not, comes from another network and by another user agent than the use. */
  readonly isSuspicious?: boolean;
};

/** A refresh token as it is presented, and the limits that it is judged by. */
type Presented = Omit<PresentedToken, "successor"> & { readonly limits: SessionLimits };

type NewToken = { hash: Buffer; sessionId: string; expiresAt: Date; now: Date };

/** Adds an unused token to a session's family. */
export const insertRefreshToken = prepared((db: SessionQueries, param: ParameterOf<NewToken>) =>
  db.insertInto("refresh_tokens").values({
    token_hash: param("hash"),
    session_id: param("sessionId"),
    created_at: param("now"),
    expires_at: param("expiresAt"),
    consumed_at: null,
    used_from: null,
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

type Use = { tokenHash: Buffer; usedFrom: Buffer; now: Date };

/** Marks an unused token as used: of racing calls, one gets its row. */
const useUp = prepared((db: SessionQueries, param: ParameterOf<Use>) =>
  db
    .updateTable("refresh_tokens")
    .set({ consumed_at: param("now"), used_from: param("usedFrom") })
    .where("token_hash", "=", param("tokenHash"))
    .where("consumed_at", "is", null)
    .returning("session_id"),
);

/** See `SessionStore.rotate`. The reads spare a token whose session is not live; only the update decides the race. */
export async function rotate(db: SessionQueries, presented: Presented, now: Date): Promise<RotationOutcome> {
  const { tokenHash, successorHash, usedFrom, limits } = presented;
  const [unused] = await findUnused(db, { tokenHash, now });
  const live = unused && (await findLive(db, unused.session_id, now));
  const [used] = live ? await useUp(db, { tokenHash, usedFrom, now }) : [];
  if (!live || !used) return repeatOrRefuse(db, presented, now);
  const { sessionId } = live;
  const statusIndex =
    live.statusIndex ?? (await givePlace(db, sessionId, addSeconds(now, -limits.placeKeptSeconds(now))));
  const expiresAt = refreshTokenExpiry(limits.idleSeconds, live.sessionExpiresAt, now);
  await insertRefreshToken(db, { hash: successorHash, sessionId, expiresAt, now });
  return { rotation: "rotate", principal: { ...live, statusIndex }, expiresAt };
}

async function repeatOrRefuse(db: SessionQueries, presented: Presented, now: Date): Promise<RotationOutcome> {
  const found = await lookUp(db, presented, now);
  if (!found) return { rotation: "invalid" };
  const { token, live, successor, rotation, isSuspicious } = found;
  if (rotation === "repeat" && live && successor)
    return { rotation, principal: live, expiresAt: successor.expires_at, isSuspicious };
  if (rotation === "reuse") await end(db, { sessionId: token.session_id, reason: "reuse" }, now);
  const named = { sessionId: token.session_id, accountId: token.user_id };
  return { rotation: rotation === "reuse" ? "reuse" : "invalid", ...named, isSuspicious };
}

/** See `SessionStore.findByRefreshToken`. */
export async function findByRefreshToken(
  db: SessionQueries,
  presented: Presented,
  now: Date,
): Promise<RefreshTokenSession | undefined> {
  const found = await lookUp(db, presented, now);
  if (!found) return undefined;
  const { token, live, rotation, isSuspicious } = found;
  const isUnused = token.consumed_at === null && token.expires_at > now;
  return {
    sessionId: token.session_id,
    accountId: token.user_id,
    isLive: live !== undefined && (isUnused || rotation === "repeat"),
    expiresAt: token.expires_at,
    isReuse: rotation === "reuse",
    isSuspicious,
  };
}

interface TokenRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly consumed_at: Date | null;
  readonly expires_at: Date;
  readonly used_from: Buffer | null;
}

interface FoundToken {
  readonly token: TokenRow;
  readonly live: Principal | undefined;
  /** What a repeat gets once more. */
  readonly successor: TokenRow | undefined;
  readonly rotation: Exclude<Rotation, "rotate">;
  readonly isSuspicious: boolean;
}

/** A known token with its session, and what it means that it could not be used up. */
async function lookUp(db: SessionQueries, presented: Presented, now: Date): Promise<FoundToken | undefined> {
  const { tokenHash, successorHash, usedFrom, limits } = presented;
  const token = await findToken(db, tokenHash);
  if (!token) return undefined;
  const live = await findLive(db, token.session_id, now);
  const { isElsewhere, isSameByOtherClock } = compareUses(token.used_from, usedFrom);
  const used = { consumedAt: token.consumed_at, isSessionLive: live !== undefined, isSameByOtherClock };
  const rotation = judgeUnrotated(used, limits.graceSeconds, now);
  if (rotation !== "repeat") return { token, live, successor: undefined, rotation, isSuspicious: false };
  // There is none when SECRET_KEY was changed in between: an unknown token must not replace a good one. Who has used it has
  // gone on, and needs no repeat: somebody else may have copied the token.
  const successor = await findToken(db, successorHash);
  const isStillNext = successor?.consumed_at === null;
  return {
    token,
    live,
    successor,
    rotation: isStillNext ? "repeat" : "invalid",
    isSuspicious: successor !== undefined && isElsewhere,
  };
}

async function findToken(db: SessionQueries, tokenHash: Buffer): Promise<TokenRow | undefined> {
  return db
    .selectFrom("refresh_tokens")
    .innerJoin("sessions", "sessions.id", "refresh_tokens.session_id")
    .select(["session_id", "user_id", "consumed_at", "refresh_tokens.expires_at", "used_from"])
    .where("token_hash", "=", tokenHash)
    .executeTakeFirst();
}
