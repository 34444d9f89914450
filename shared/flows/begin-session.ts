import type { Account } from "../accounts/tables.ts";
import type { AuditEvent } from "../audit/audit.ts";
import { newId, randomToken } from "../platform/random.ts";
import type { Services, Stores } from "../services.ts";
import type { Grant } from "../sessions/grant.ts";
import { hashRefreshToken } from "../sessions/refresh-token.ts";

/** What a session begins with. Made before its transaction, which may then run again. */
export interface SessionKeys {
  readonly sessionId: string;
  readonly refreshToken: string;
}

export function newSessionKeys(now: Date): SessionKeys {
  return { sessionId: newId(now), refreshToken: randomToken() };
}

/** A session that has begun; its access token is still to be issued. */
export interface BegunSession extends SessionKeys {
  readonly account: Account;
  readonly statusIndex: number;
  readonly sessionExpiresAt: Date;
  /** When its refresh token expires. */
  readonly expiresAt: Date;
  /** The ids of the account's sessions that had to end for it: see `recordDisplaced`. */
  readonly displaced: readonly string[];
}

/** Begins a session of an account, in the transaction that has signed it in and so holds its row. */
export async function beginSession(
  tx: Stores,
  { account, sessionId, refreshToken }: SessionKeys & { account: Account },
  now: Date,
): Promise<BegunSession> {
  const keys = { accountId: account.id, sessionId, tokenHash: hashRefreshToken(refreshToken) };
  return { account, refreshToken, ...(await tx.sessions.begin(keys, now)) };
}

/** Audits the sessions that ended because the account had too many. */
export function recordDisplaced(
  { audit }: Services,
  { account, displaced }: BegunSession,
  client: AuditEvent["client"],
): void {
  for (const sessionId of displaced)
    audit.record({ type: "session.ended", reason: "too many sessions", accountId: account.id, sessionId, client });
}

/** The tokens of a session that has begun. @throws ApiError SIGNING_UNAVAILABLE */
export async function issueTokens(
  services: Services,
  { account, refreshToken, expiresAt, ...session }: BegunSession,
  now: Date,
): Promise<Grant> {
  const { token, expiresInSeconds } = await services.accessTokens.issue({ accountId: account.id, ...session }, now);
  return { account, accessToken: token, expiresInSeconds, refreshToken, refreshTokenExpiresAt: expiresAt };
}
