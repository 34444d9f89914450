import type { CallContext } from "../../context.ts";
import type { Account } from "../../accounts/tables.ts";
import { repeatFromElsewhere } from "../../audit/audit.ts";
import { describeError, log } from "../../platform/log.ts";
import { newId, randomToken } from "../../platform/crypto/random.ts";
import type { Stores } from "../../services.ts";
import type { Authentication } from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { NamedSession } from "../../sessions/refresh-token-queries.ts";
import { hashRefreshToken, type PresentedToken } from "../../sessions/refresh-token.ts";

/** What a session begins with. Made before its transaction, which may then run again. */
export interface SessionKeys {
  readonly sessionId: string;
  readonly refreshToken: string;
  readonly authentication: Authentication;
  /** The refresh token of the session that the browser holds already; the new one takes its place. */
  readonly replaces: PresentedToken | undefined;
  /** Whether signing is a call to another service: nothing may end before it has succeeded. */
  readonly isSignedRemotely: boolean;
}

export interface SignInRequest {
  readonly authentication: Authentication;
  /** The refresh token that the browser has brought. */
  readonly replaces: string | undefined;
}

/** @throws ApiError SIGNING_UNAVAILABLE when the answer could not be signed now */
export async function newSessionKeys(
  { services, now, source }: CallContext,
  { authentication, replaces }: SignInRequest,
): Promise<SessionKeys> {
  const { isRemote } = await services.tokens.keys.current(now);
  return {
    sessionId: newId(now),
    refreshToken: randomToken(),
    authentication,
    replaces: replaces === undefined ? undefined : services.sessions.present(replaces, source),
    isSignedRemotely: isRemote,
  };
}

/** The sessions that ended for one that began. */
interface Ended {
  /** The one that the browser held; a reuse when its token had been used long before. */
  readonly replaced: NamedSession | undefined;
  /** The ids of those of the account that were too many. */
  readonly displaced: readonly string[];
}

/** A sign-in whose session has begun, and whose tokens are still to be issued. */
export interface PendingSignIn extends SessionKeys {
  readonly account: Account;
  readonly statusIndex: number;
  readonly sessionExpiresAt: Date;
  /** When its refresh token expires. */
  readonly expiresAt: Date;
  /** Undefined while its answer is not signed. */
  readonly ended: Ended | undefined;
}

/** Begins a session of an account, in the transaction that has signed it in and so holds its row. */
export async function beginSession(
  tx: Stores,
  { account, ...keys }: SessionKeys & { account: Account },
  now: Date,
): Promise<PendingSignIn> {
  const { sessionId, refreshToken, authentication } = keys;
  const ended = keys.isSignedRemotely ? undefined : await makeWay(tx, { account, ...keys }, now);
  const session = { accountId: account.id, sessionId, tokenHash: hashRefreshToken(refreshToken), authentication };
  return { account, ...keys, ended, ...(await tx.sessions.begin(session, now)) };
}

/** Ends what a new session takes the place of: what its browser held (ASVS 7.2.4), then what is too many. */
async function makeWay(
  tx: Stores,
  { account, sessionId, replaces }: SessionKeys & { account: Account },
  now: Date,
): Promise<Ended> {
  const held = replaces && (await tx.sessions.findByRefreshToken(replaces, now));
  const isEnded = held && (await tx.sessions.end(held.sessionId, held.isReuse ? "reuse" : "replaced", now));
  return {
    replaced: isEnded ? held : undefined,
    displaced: await tx.sessions.makeRoom({ accountId: account.id, sessionId }, now),
  };
}

/**
 * Issues the tokens of a session that has begun, and audits the sign-in with all that ended for it. A session whose tokens
 * nobody gets is taken back.
 * @param provider the social provider, where the person has signed in at one
 * @throws ApiError SIGNING_UNAVAILABLE or DATABASE_UNAVAILABLE
 */
export async function completeSignIn(
  context: CallContext,
  begun: PendingSignIn,
  provider?: string,
): Promise<IssuedTokens> {
  const { services, now, source } = context;
  const tokens = await issueTokens(context, begun).catch(async (error: unknown) => {
    await takeBack(context, begun, provider);
    throw error;
  });
  const ended = begun.ended ?? (await services.transaction((tx) => makeWay(tx, begun, now), { isRepeatable: true }));
  const { account, sessionId } = begun;
  recordEnded(context, account.id, ended);
  services.audit.record({ type: "sign_in.succeeded", accountId: account.id, sessionId, provider, source });
  return tokens;
}

async function issueTokens(
  { services: { tokens }, now }: CallContext,
  { account, sessionId, statusIndex, sessionExpiresAt, authentication, refreshToken, expiresAt }: PendingSignIn,
): Promise<IssuedTokens> {
  const session = { accountId: account.id, sessionId, statusIndex, sessionExpiresAt, authentication };
  const { token, expiresInSeconds } = await tokens.access.issue(session, now);
  return { account, accessToken: token, expiresInSeconds, refreshToken, refreshTokenExpiresAt: expiresAt };
}

async function takeBack(
  context: CallContext,
  { account: { id: accountId }, sessionId, ended }: PendingSignIn,
  provider: string | undefined,
): Promise<void> {
  const { services, now, source } = context;
  const { sessions, audit } = services;
  if (ended) recordEnded(context, accountId, ended);
  const reason = "the tokens could not be signed";
  audit.record({ type: "sign_in.failed", reason, accountId, sessionId, provider, source });
  try {
    await sessions.end(sessionId, "not_signed", now);
  } catch (error) {
    // Its refresh token is nobody's. It counts among the account's sessions until it expires.
    log("warn", "session.not_taken_back", { session_id: sessionId, cause: describeError(error) });
  }
}

/** Audits what has ended for a sign-in: with its success, or although it was taken back. */
function recordEnded(
  { services: { audit }, source }: CallContext,
  accountId: string,
  { replaced, displaced }: Ended,
): void {
  if (replaced) {
    const held = { accountId: replaced.accountId, sessionId: replaced.sessionId, source };
    const event = replaced.isReuse
      ? ({ type: "session.reuse_detected", reason: "reuse" } as const)
      : ({ type: "session.ended", reason: "signed in anew" } as const);
    if (replaced.isSuspicious) audit.record({ ...repeatFromElsewhere, ...held });
    audit.record({ ...event, ...held });
  }
  for (const sessionId of displaced)
    audit.record({ type: "session.ended", reason: "too many sessions", accountId, sessionId, source });
}
