import type { CallContext } from "../../context.ts";
import type { Account } from "../../accounts/tables.ts";
import { repeatFromElsewhere, reuseDetected, sessionsEnded, type AuditEvent } from "../../audit/audit.ts";
import { describeError, log } from "../../platform/log.ts";
import { newId, randomToken } from "../../platform/crypto/random.ts";
import type { Device } from "../../devices/devices.ts";
import type { Transaction } from "../../stores.ts";
import type { Authentication } from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { NamedSession } from "../../sessions/refresh-token-queries.ts";
import { hashRefreshToken, type PresentedToken } from "../../sessions/refresh-token.ts";
import { RaceLost } from "../race-lost.ts";
import { reuseNotice } from "../sessions/reuse-notice.ts";
import { postNotice, type DeviceNotice } from "./new-device.ts";

/** Begins a session of an account, in the transaction that has signed it in and so holds its row. */
export async function beginSession(
  context: CallContext,
  tx: Transaction,
  { account, ...keys }: SessionKeys & { account: Account },
): Promise<PendingSignIn> {
  const { now, source } = context;
  const { sessionId, refreshToken, authentication, device, notice } = keys;
  const tokenHash = hashRefreshToken(refreshToken);
  const session = { accountId: account.id, sessionId, tokenHash, authentication, source };
  const { isNew, ...begun } = await tx.sessions.begin(session, now);
  // Each known device has guesses at the codes of an app to itself: whoever reads the mail could otherwise make as many as they like.
  const isKnownByMail = account.mfa_since !== null && authentication.methods.includes("mca");
  if (!isKnownByMail) await tx.accounts.noteDevice({ accountId: account.id, deviceHash: device.hash }, now);
  if (notice) await postNotice(context, tx, { account, notice });
  const { earlier } = tx.audit;
  // A session that exists already is that of an earlier run, which has done all of this.
  if (!isNew && earlier.length > 0) await tx.audit.append(...earlier);
  else if (!keys.isSignedRemotely) await settle(context, tx, { account, ...keys });
  return { account, ...keys, ...begun };
}

/** The keys of a new session, made before the transaction so that the transaction can be repeated. */
export interface SessionKeys {
  readonly sessionId: string;
  readonly refreshToken: string;
  /** By which the sign-in goes on where a second factor is due. */
  readonly mfaToken: string;
  readonly authentication: Authentication;
  readonly device: Device;
  /** To post, because the device is new to the account. */
  readonly notice?: DeviceNotice | undefined;
  /** What the device sent to be remembered by. */
  readonly remembered: string | undefined;
  /** What the log says beside of how the sign-in came about. */
  readonly reason?: string | undefined;
  /** The provider that the person signed in with, if any. */
  readonly provider: string | undefined;
  /** The refresh token of the session that the browser already has; the new one replaces it. */
  readonly replaces: PresentedToken | undefined;
  /** The id of a mail, should that token be a stolen one. */
  readonly reuseMailId: string;
  /** Whether signing calls another service: no session may end before that has succeeded. */
  readonly isSignedRemotely: boolean;
}

export interface SignInRequest {
  readonly authentication: Authentication;
  /** The provider that the person signed in with. */
  readonly provider?: string;
  /** The refresh token that the browser sent. */
  readonly replaces?: string | undefined;
  /** The token that the device sent. */
  readonly device?: string | undefined;
  /** What it sent to be remembered by. */
  readonly remembered?: string | undefined;
}

/** @throws ApiError SIGNING_UNAVAILABLE if the answer could not be signed now */
export async function newSessionKeys(
  { services, now, source }: CallContext,
  { authentication, provider, replaces, device, remembered }: SignInRequest,
): Promise<SessionKeys> {
  const { isRemote } = await services.tokens.keys.current(now);
  return {
    sessionId: newId(now),
    refreshToken: randomToken(),
    mfaToken: randomToken(),
    authentication,
    device: services.devices.present(device),
    remembered,
    provider,
    replaces: replaces === undefined ? undefined : services.sessions.present(replaces, source),
    reuseMailId: newId(now),
    isSignedRemotely: isRemote,
  };
}

/** A sign-in whose session has begun but whose tokens are not issued yet. */
export interface PendingSignIn extends SessionKeys {
  readonly account: Account;
  readonly statusIndex: number;
  readonly sessionExpiresAt: Date;
  /** When its refresh token expires. */
  readonly expiresAt: Date;
}

/**
 * Makes the sign-in final: ends the sessions that the new one replaces, which are the browser's own (ASVS 7.2.4) and
 * any beyond the limit, and records all of it.
 */
async function settle(
  context: CallContext,
  tx: Transaction,
  { account: { id: accountId }, sessionId, ...keys }: SessionKeys & { account: Account },
): Promise<void> {
  const { now } = context;
  const { provider, reason, replaces, reuseMailId } = keys;
  const held = replaces && (await tx.sessions.findByRefreshToken(replaces, now));
  const isEnded = held && (await tx.sessions.end(held.sessionId, held.isReuse ? "reuse" : "replaced", now));
  const notice = isEnded && held.isReuse ? reuseNotice(context, held.owner, reuseMailId) : undefined;
  if (notice) await tx.mail.post(notice, now);
  const displaced = await tx.sessions.makeRoom({ accountId, sessionId }, now);
  await tx.audit.append(
    ...(isEnded ? eventsOf(held) : []),
    ...sessionsEnded(displaced, { accountId, reason: "too many sessions" }),
    { type: "sign_in.succeeded", accountId, sessionId, provider, reason },
  );
}

/** The events of ending a browser's previous session. */
function eventsOf({ accountId, sessionId, isReuse, isSuspicious }: NamedSession): AuditEvent[] {
  const event = isReuse ? reuseDetected : ({ type: "session.ended", reason: "signed in anew" } as const);
  const session = { accountId, sessionId };
  return [...(isSuspicious ? [{ ...repeatFromElsewhere, ...session }] : []), { ...event, ...session }];
}

/**
 * Issues the tokens of a session that has begun. If that fails, the session is ended again.
 * @throws ApiError SIGNING_UNAVAILABLE, DATABASE_UNAVAILABLE, or OVERLOADED if the session ended in the meantime
 */
export async function completeSignIn(context: CallContext, begun: PendingSignIn): Promise<IssuedTokens> {
  const tokens = await issueTokens(context, begun).catch(async (error: unknown) => {
    await takeBack(context, begun, "the tokens could not be signed");
    throw error;
  });
  if (!begun.isSignedRemotely || (await settleIfLive(context, begun))) return tokens;
  await takeBack(context, begun, "the session ended before its tokens were signed");
  throw new RaceLost();
}

/**
 * Makes a sign-in final that was signed by another service. While it was being signed, another sign-in may have ended its
 * session to make room. It then ends no session itself: otherwise neither of the two would be left.
 * @returns whether its session is still live
 */
function settleIfLive(context: CallContext, begun: PendingSignIn): Promise<boolean> {
  const { services, now } = context;
  return services.transaction(
    context,
    async (tx) => {
      await tx.accounts.hold(begun.account.id);
      const isLive = (await tx.sessions.findPrincipal(begun.sessionId, now)) !== undefined;
      if (isLive) await settle(context, tx, begun);
      return isLive;
    },
    { isRepeatable: true },
  );
}

async function issueTokens(
  { services: { tokens }, now }: CallContext,
  { account, sessionId, device, refreshToken, expiresAt, ...begun }: PendingSignIn,
): Promise<IssuedTokens> {
  const { statusIndex, sessionExpiresAt, authentication } = begun;
  const session = { accountId: account.id, sessionId, statusIndex, sessionExpiresAt, authentication };
  const { token, expiresInSeconds } = await tokens.access.issue(session, now);
  return { account, accessToken: token, expiresInSeconds, refreshToken, refreshTokenExpiresAt: expiresAt, device };
}

async function takeBack(
  context: CallContext,
  { account: { id: accountId }, sessionId, provider }: PendingSignIn,
  reason: string,
): Promise<void> {
  const { services, now } = context;
  await services.audit.record(context, { type: "sign_in.failed", reason, accountId, sessionId, provider });
  try {
    await services.sessions.end(sessionId, "not_signed", now);
  } catch (error) {
    // Nobody has its refresh token. The session counts towards the limit until it expires.
    log("warn", "session.not_taken_back", { session_id: sessionId, cause: describeError(error) });
  }
}
