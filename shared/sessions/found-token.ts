import { isLive, toPrincipal, type Principal, type PrincipalRow } from "./session-queries.ts";
import type { PresentedToken } from "./refresh-token.ts";
import { judgeUnrotated, type Rotation } from "./rotation.ts";
import { compareUses } from "./use-source.ts";

/** A refresh token's row, with its session and account. */
export type TokenRow = PrincipalRow & {
  readonly token_hash: Buffer | null;
  readonly token_expires_at: Date | null;
  readonly consumed_at: Date | null;
  readonly used_from: Buffer | null;
};

/** Whose session it is, live or not, and what it was used with. */
export type SessionOwner = Pick<Principal, "account" | "userAgent">;

/** What is known about a presented refresh token. */
export interface FoundToken {
  readonly sessionId: string;
  readonly accountId: string;
  readonly expiresAt: Date;
  /** Whether it is neither used nor expired. */
  readonly isUnused: boolean;
  /** Whether its session has ended, other than by expiring. */
  readonly isEnded: boolean;
  readonly owner: SessionOwner;
  /** Its session, if that is live. */
  readonly live: Principal | undefined;
  /** The verdict if it cannot be used up. */
  readonly rotation: Exclude<Rotation, "rotate">;
  /** When its successor expires; undefined if the successor must not be handed out again. */
  readonly successorExpiresAt: Date | undefined;
  /** Whether it is repeated from a different network and user agent than it was used from. */
  readonly isSuspicious: boolean;
}

/** Finds a token and its successor among these rows, and judges it. @returns undefined for an unknown token */
export function findToken(
  rows: readonly TokenRow[],
  presented: PresentedToken,
  { graceSeconds, now }: { graceSeconds: number; now: Date },
): FoundToken | undefined {
  const token = rows.find(({ token_hash: hash }) => hash?.equals(presented.tokenHash));
  if (!token) return undefined;
  const owner = toPrincipal(token);
  const live = isLive(token, now) ? owner : undefined;
  const { consumed_at: consumedAt, used_from: usedFrom } = token;
  const expiresAt = token.token_expires_at ?? now;
  const { isElsewhere, isSameByOtherClock } = compareUses(usedFrom, presented.usedFrom);
  const used = { consumedAt, isSessionLive: live !== undefined, isSameByOtherClock };
  const rotation = judgeUnrotated(used, graceSeconds, now);
  const found = {
    sessionId: token.session_id,
    accountId: token.id,
    expiresAt,
    isEnded: token.ended_at !== null,
    owner,
    live,
  };
  const isUnused = consumedAt === null && expiresAt > now;
  if (rotation !== "repeat")
    return { ...found, isUnused, rotation, successorExpiresAt: undefined, isSuspicious: false };
  // There is no successor if SECRET_KEY was changed in between: an unknown token must not replace a good one. If the
  // successor was used, its owner has moved on and needs no repeat: someone else may have copied the token.
  const successor = rows.find(({ token_hash: hash }) => hash?.equals(presented.successorHash));
  const isStillNext = successor?.consumed_at === null;
  return {
    ...found,
    isUnused,
    rotation: isStillNext ? "repeat" : "invalid",
    successorExpiresAt: (isStillNext && successor.token_expires_at) || undefined,
    isSuspicious: successor !== undefined && isElsewhere,
  };
}
