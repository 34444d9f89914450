import type { CallContext } from "../../context.ts";
import { introspectScope, type OAuthClient } from "../../clients/client.ts";
import { toEpochSeconds } from "../../platform/clock.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import type { AccessTokenClaims } from "../../tokens/access-tokens.ts";

/**
 * Looks a token up for a client, which sees its own tokens, or all of them with the scope `introspect`. Tokens that it
 * may not see, unknown ones and ended ones look the same. A refresh token is active only for a caller who says that it
 * is one: a gateway that asks about a supposed access token must not let it pass (RFC 7662, section 4).
 * @returns undefined for a token that is not active, as far as this client may know
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function lookUpToken(
  context: CallContext,
  { token, isRefreshToken, caller }: { token: string; isRefreshToken: boolean; caller: OAuthClient },
): Promise<ActiveToken | undefined> {
  const access = await readAccessToken(context, token);
  const refresh = isRefreshToken ? await activeRefresh(context, token) : undefined;
  const active = access ? await activeAccess(context, access) : refresh;
  const maySee = active?.clientId === caller.id || caller.scopes.includes(introspectScope);
  return active && maySee ? active : undefined;
}

/** What a client learns about an active token (RFC 7662, section 2.2). */
export interface ActiveToken {
  readonly clientId: string;
  readonly subject: string;
  readonly sessionId: string | undefined;
  /** NumericDate, in seconds. */
  readonly expiresAt: number;
  /** What only access tokens have. */
  readonly access: AccessTokenClaims | undefined;
}

/** The claims of an access token of ours; undefined for anything else, including expired and forged ones. */
export async function readAccessToken(
  { services: { tokens }, now }: CallContext,
  token: string,
): Promise<AccessTokenClaims | undefined> {
  try {
    return await tokens.access.inspect(token, now);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

async function activeAccess(
  { services: { sessions, clients }, now }: CallContext,
  access: AccessTokenClaims,
): Promise<ActiveToken | undefined> {
  const { clientId, subject, sessionId, expiresAt } = access;
  // The leeway is for other parties' clocks.
  if (expiresAt <= toEpochSeconds(now)) return undefined;
  const isLive =
    sessionId === undefined
      ? await clients.tokens.isLive({ id: access.tokenId, clientId }, now)
      : (await sessions.findPrincipal(sessionId, now))?.account.id === subject;
  return isLive ? { clientId, subject, sessionId, expiresAt, access } : undefined;
}

async function activeRefresh(
  { services: { sessions, config }, now }: CallContext,
  token: string,
): Promise<ActiveToken | undefined> {
  const named = await sessions.findByRefreshToken(sessions.present(token, undefined), now);
  if (!named?.isLive) return undefined;
  return {
    clientId: config.tokens.clientId,
    subject: named.accountId,
    sessionId: named.sessionId,
    // In whole minutes, like the cookie's lifetime: seconds would reveal when the token was made.
    expiresAt: Math.ceil(named.expiresAt.getTime() / 60_000) * 60,
    access: undefined,
  };
}
