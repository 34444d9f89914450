import type { AuditEvent } from "../audit/audit.ts";
import { ApiError } from "../platform/errors.ts";
import type { Services } from "../services.ts";
import { hashRefreshToken } from "../sessions/refresh-token.ts";
import type { NamedSession } from "../sessions/refresh-token-queries.ts";

/** Which sessions a logout ends: this one, all of the account's but this one, or all of them. */
export type LogoutScope = "local" | "others" | "global";

export interface Logout {
  readonly scope: LogoutScope;
  /** The credentials that came along, of one session or of several. */
  readonly accessToken: string | undefined;
  readonly refreshTokens: readonly string[];
  readonly client: AuditEvent["client"];
}

/**
 * Ends sessions. It never fails for a credential that is unknown or has ended. `others` and `global` reach beyond the
 * sessions named by the credentials only for a live one; otherwise they do what `local` does.
 * @returns the scope that was carried out
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function logout(
  services: Services,
  { scope, client, ...credentials }: Logout,
  now: Date,
): Promise<LogoutScope> {
  const named = await namedSessions(services, credentials, now);
  const live = named.filter(({ isLive }) => isLive);
  const carriedOut = live.length > 0 ? scope : "local";
  const ended =
    carriedOut === "local"
      ? await endNamed(services, named, now)
      : await endReached(services, { live, named, scope: carriedOut }, now);
  for (const { accountId, sessionId } of ended)
    services.audit.record({
      type: "session.ended",
      reason: `logout ${carriedOut}`,
      accountId,
      sessionId,
      client,
    });
  return carriedOut;
}

type SessionOfAccount = Pick<NamedSession, "accountId" | "sessionId">;

async function namedSessions(
  services: Services,
  { accessToken, refreshTokens }: Pick<Logout, "accessToken" | "refreshTokens">,
  now: Date,
): Promise<NamedSession[]> {
  const byBearer = accessToken === undefined ? undefined : await sessionOfAccessToken(services, accessToken, now);
  const byRefreshToken = await Promise.all(
    refreshTokens.map((token) => services.sessions.findByRefreshToken(hashRefreshToken(token), now)),
  );
  return [byBearer, ...byRefreshToken].filter((session) => session !== undefined);
}

/** An access token that is forged or has expired names no session; the answer stays the same. */
async function sessionOfAccessToken(services: Services, token: string, now: Date): Promise<NamedSession | undefined> {
  try {
    const { accountId, sessionId } = await services.accessTokens.verify(token, now);
    const principal = await services.sessions.findPrincipal(sessionId, now);
    return { accountId, sessionId, isLive: principal?.account.id === accountId };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

async function endNamed(services: Services, named: readonly NamedSession[], now: Date): Promise<SessionOfAccount[]> {
  const ended = await Promise.all(
    named.map(async (session) => ((await services.sessions.end(session.sessionId, "logout", now)) ? [session] : [])),
  );
  return ended.flat();
}

interface Reach {
  readonly live: readonly NamedSession[];
  readonly named: readonly NamedSession[];
  readonly scope: "others" | "global";
}

async function endReached(services: Services, { live, named, scope }: Reach, now: Date): Promise<SessionOfAccount[]> {
  const except = scope === "others" ? named.map(({ sessionId }) => sessionId) : [];
  const accountIds = [...new Set(live.map(({ accountId }) => accountId))];
  const ended = await Promise.all(
    accountIds.map(async (accountId) =>
      (await services.sessions.endAll({ accountId, except }, now)).map((sessionId) => ({
        accountId,
        sessionId,
      })),
    ),
  );
  return ended.flat();
}
