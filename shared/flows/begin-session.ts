import type { Account } from "../accounts/tables.ts";
import type { AuditEvent } from "../audit/audit.ts";
import { newId, randomToken } from "../platform/random.ts";
import type { Services, Stores } from "../services.ts";
import type { Authentication } from "../sessions/authentication.ts";
import type { Grant } from "../sessions/grant.ts";
import { hashRefreshToken } from "../sessions/refresh-token.ts";

/** What a session begins with. Made before its transaction, which may then run again. */
export interface SessionKeys {
  readonly sessionId: string;
  readonly refreshToken: string;
  readonly authentication: Authentication;
  /** The refresh token of the session that the browser holds already; the new one takes its place. */
  readonly replaces: string | undefined;
}

export function newSessionKeys(given: Pick<SessionKeys, "authentication" | "replaces">, now: Date): SessionKeys {
  return { sessionId: newId(now), refreshToken: randomToken(), ...given };
}

/** A session that has begun; its access token is still to be issued. */
export interface BegunSession extends Omit<SessionKeys, "replaces"> {
  readonly account: Account;
  /** The session whose place it took. */
  readonly replaced: { readonly sessionId: string; readonly accountId: string } | undefined;
  readonly statusIndex: number;
  readonly sessionExpiresAt: Date;
  /** When its refresh token expires. */
  readonly expiresAt: Date;
  /** The ids of the account's sessions that had to end for it. */
  readonly displaced: readonly string[];
}

/** Begins a session of an account, in the transaction that has signed it in and so holds its row. */
export async function beginSession(
  tx: Stores,
  { account, sessionId, refreshToken, authentication, replaces }: SessionKeys & { account: Account },
  now: Date,
): Promise<BegunSession> {
  const replaced = replaces === undefined ? undefined : await tx.sessions.replace(hashRefreshToken(replaces), now);
  const keys = { accountId: account.id, sessionId, tokenHash: hashRefreshToken(refreshToken), authentication };
  return { account, refreshToken, replaced, ...(await tx.sessions.begin(keys, now)) };
}

/** Audits a sign-in that has begun a session, and the sessions that ended for it. */
export function recordSignIn(
  { audit }: Services,
  { account: { id: accountId }, sessionId, replaced, displaced }: BegunSession,
  about: Pick<AuditEvent, "client" | "provider">,
): void {
  const { client } = about;
  if (replaced) audit.record({ type: "session.ended", reason: "signed in anew", ...replaced, client });
  for (const ended of displaced)
    audit.record({ type: "session.ended", reason: "too many sessions", accountId, sessionId: ended, client });
  audit.record({ type: "sign_in.succeeded", accountId, sessionId, ...about });
}

/** The tokens of a session that has begun. @throws ApiError SIGNING_UNAVAILABLE */
export async function issueTokens(
  services: Services,
  { account, refreshToken, expiresAt, replaced: _told, displaced: _too, ...session }: BegunSession,
  now: Date,
): Promise<Grant> {
  const { token, expiresInSeconds } = await services.accessTokens.issue({ accountId: account.id, ...session }, now);
  return { account, accessToken: token, expiresInSeconds, refreshToken, refreshTokenExpiresAt: expiresAt };
}
