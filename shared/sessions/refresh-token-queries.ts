import { addSeconds } from "../platform/clock.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { end } from "./ending-queries.ts";
import { findToken, type FoundToken, type SessionOwner, type TokenRow } from "./found-token.ts";
import type { SessionLimits } from "./limits.ts";
import { isLive, principalColumns, toPrincipal, type Principal } from "./session-queries.ts";
import type { PresentedToken } from "./refresh-token.ts";
import { refreshTokenExpiry } from "./rotation.ts";
import { giveIndex } from "./status-index-queries.ts";
import type { SessionQueries } from "./tables.ts";

/** The session that a credential belongs to. */
export interface NamedSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly owner: SessionOwner;
  /** Whether the session has ended, other than by expiring. */
  readonly isEnded: boolean;
  /** Whether the credential would still be accepted. */
  readonly isLive: boolean;
  /** Whether the token was used too long ago for a repeat: it may be stolen. */
  readonly isReuse: boolean;
  /** Whether the token is repeated from a different network and user agent than it was used from. */
  readonly isSuspicious: boolean;
}

/** The session that a refresh token belongs to, and when that token expires. */
export interface RefreshTokenSession extends NamedSession {
  readonly expiresAt: Date;
}

/** What a caller sent: the session and account of a verified access token, and refresh tokens. */
export interface Credentials {
  readonly bearer: Pick<NamedSession, "sessionId" | "accountId"> | undefined;
  readonly refreshTokens: readonly PresentedToken[];
}

/** The outcome of presenting a refresh token. */
export type RotationOutcome = (
  | { readonly rotation: "rotate" | "repeat"; readonly principal: Principal; readonly expiresAt: Date }
  | {
      readonly rotation: "reuse" | "invalid";
      readonly sessionId?: string;
      readonly accountId?: string;
      readonly owner?: SessionOwner;
    }
) & {
  /** Whether a repeat, accepted or not, comes from a different network and user agent than the use. */
  readonly isSuspicious?: boolean;
};

/** The queries on refresh tokens; part of the session store. */
export function createRefreshTokenQueries(db: SessionQueries, limits: SessionLimits) {
  const { graceSeconds } = limits;
  return {
    /**
     * Uses up a refresh token and replaces it with its successor. One conditional update decides between racing calls.
     * Call it in a transaction, and commit whatever the outcome: a detected reuse has ended the session. A second run
     * at the same time is a repeat within the grace window, so it gives the same successor.
     */
    rotate: (token: PresentedToken, now: Date): Promise<RotationOutcome> => rotate({ db, limits, now }, token),

    /** The session of a refresh token, without using the token; undefined if unknown. */
    async findByRefreshToken(token: PresentedToken, now: Date): Promise<RefreshTokenSession | undefined> {
      const found = findToken(await selectToken(db, token), token, { graceSeconds, now });
      return found && toNamed(found);
    },

    /**
     * The sessions of these credentials, in one read; two credentials of one session give it twice, unknown ones give
     * none.
     */
    async findNamed({ bearer, refreshTokens }: Credentials, now: Date): Promise<NamedSession[]> {
      const rows = await selectNamed(db, { bearer, refreshTokens });
      const own = rows.find((row) => row.token_hash === null);
      const byBearer = own && {
        sessionId: own.session_id,
        accountId: own.id,
        owner: toPrincipal(own),
        isEnded: own.ended_at !== null,
        isLive: isLive(own, now) && own.id === bearer?.accountId,
        isReuse: false,
        isSuspicious: false,
      };
      const byToken = refreshTokens.map((token) => findToken(rows, token, { graceSeconds, now }));
      return [byBearer, ...byToken.map((found) => found && toNamed(found))].filter((session) => session !== undefined);
    },
  };
}

function toNamed({ live, isUnused, rotation, ...found }: FoundToken): RefreshTokenSession {
  const { sessionId, accountId, expiresAt, owner, isEnded, isSuspicious } = found;
  const isServed = live !== undefined && (isUnused || rotation === "repeat");
  return {
    sessionId,
    accountId,
    expiresAt,
    owner,
    isEnded,
    isLive: isServed,
    isReuse: rotation === "reuse",
    isSuspicious,
  };
}

interface Rotating {
  readonly db: SessionQueries;
  readonly limits: SessionLimits;
  readonly now: Date;
}

/** The read filters out tokens whose session is not live; only the update decides the race. */
async function rotate({ db, limits, now }: Rotating, token: PresentedToken): Promise<RotationOutcome> {
  const look = async () => findToken(await selectToken(db, token), token, { graceSeconds: limits.graceSeconds, now });
  const found = await look();
  if (!found?.isUnused || !found.live) return repeatOrRefuse({ db, limits, now }, found);
  const { tokenHash, usedFrom, successorHash } = token;
  const [used] = await useUp(db, { tokenHash, usedFrom, now });
  if (!used) return repeatOrRefuse({ db, limits, now }, await look());
  const { sessionId, sessionExpiresAt } = found.live;
  const endedBefore = addSeconds(now, -limits.statusIndexKeptSeconds(now));
  const statusIndex = found.live.statusIndex ?? (await giveIndex(db, sessionId, endedBefore));
  const expiresAt = refreshTokenExpiry(limits.idleSeconds, sessionExpiresAt, now);
  await insertRefreshToken.later(db, { hash: successorHash, sessionId, expiresAt, now });
  return { rotation: "rotate", principal: { ...found.live, statusIndex }, expiresAt };
}

async function repeatOrRefuse({ db, now }: Rotating, found: FoundToken | undefined): Promise<RotationOutcome> {
  if (!found) return { rotation: "invalid" };
  const { sessionId, accountId, owner, live, rotation, successorExpiresAt, isSuspicious } = found;
  if (rotation === "repeat" && live && successorExpiresAt)
    return { rotation, principal: live, expiresAt: successorExpiresAt, isSuspicious };
  if (rotation === "reuse") await end(db, { sessionIds: [sessionId], reason: "reuse" }, now);
  return { rotation: rotation === "reuse" ? "reuse" : "invalid", sessionId, accountId, owner, isSuspicious };
}

const tokenColumns = [
  "token_hash",
  "refresh_tokens.expires_at as token_expires_at",
  "consumed_at",
  "used_from",
] as const;

const tokens = (db: SessionQueries) =>
  db
    .selectFrom("refresh_tokens")
    .innerJoin("sessions", "sessions.id", "refresh_tokens.session_id")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select(tokenColumns)
    .select(principalColumns);

/** A token and its successor, as far as they exist. */
const selectToken = prepared(
  (db: SessionQueries, param: ParameterOf<Pick<PresentedToken, "tokenHash" | "successorHash">>) =>
    tokens(db).where("token_hash", "in", [param("tokenHash"), param("successorHash")]),
);

/** The tokens with their successors, and for the bearer's session a row without a token. */
async function selectNamed(db: SessionQueries, { bearer, refreshTokens }: Credentials): Promise<TokenRow[]> {
  const hashes = refreshTokens.flatMap(({ tokenHash, successorHash }) => [tokenHash, successorHash]);
  const ofTokens = tokens(db).where("token_hash", "in", hashes).$castTo<TokenRow>();
  if (!bearer) return hashes.length === 0 ? [] : ofTokens.execute();
  const ofBearer = db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select((row) => [
      row.lit(null).as("token_hash"),
      row.lit(null).as("token_expires_at"),
      row.lit(null).as("consumed_at"),
      row.lit(null).as("used_from"),
    ])
    .select(principalColumns)
    .where("sessions.id", "=", bearer.sessionId)
    .$castTo<TokenRow>();
  return hashes.length === 0 ? ofBearer.execute() : ofTokens.unionAll(ofBearer).execute();
}

type NewToken = { hash: Buffer; sessionId: string; expiresAt: Date; now: Date };

/** Adds an unused token to a session. */
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

type Use = { tokenHash: Buffer; usedFrom: Buffer; now: Date };

/** Marks an unused token as used: of racing calls, only one gets the row. */
const useUp = prepared((db: SessionQueries, param: ParameterOf<Use>) =>
  db
    .updateTable("refresh_tokens")
    .set({ consumed_at: param("now"), used_from: param("usedFrom") })
    .where("token_hash", "=", param("tokenHash"))
    .where("consumed_at", "is", null)
    .returning("session_id"),
);
