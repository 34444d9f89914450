import type { Account } from "../accounts/tables.ts";
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
}

/** Begins a session of an account, in the transaction that has signed it in. */
export async function beginSession(
  tx: Stores,
  { account, sessionId, refreshToken }: SessionKeys & { account: Account },
  now: Date,
): Promise<BegunSession> {
  const keys = { accountId: account.id, sessionId, tokenHash: hashRefreshToken(refreshToken) };
  return { account, refreshToken, ...(await tx.sessions.begin(keys, now)) };
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
