import { repeatFromElsewhere, type AuditEvent } from "../audit/audit.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import type { Services } from "../services.ts";
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
 * sessions named by the credentials only for a live one; otherwise they do what `local` does. A refresh token that was
 * used long before is a reuse here too.
 * @returns the scope that was carried out
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function logout(services: Services, { scope, ...credentials }: Logout, now: Date): Promise<LogoutScope> {
  const named = await namedSessions(services, credentials, now);
  recordSuspicious(services, named, credentials.client);
  const live = named.filter(({ isLive }) => isLive);
  const carriedOut = live.length > 0 ? scope : "local";
  const ended = [
    ...(await endNamed(services, carriedOut === "others" ? named.filter(({ isReuse }) => isReuse) : named, now)),
    ...(carriedOut === "local"
      ? []
      : await endReached(services, { live, keep: carriedOut === "others" ? named : [] }, now)),
  ];
  for (const { accountId, sessionId, isReuse } of ended) {
    const event = isReuse
      ? ({ type: "session.reuse_detected", reason: "reuse" } as const)
      : ({ type: "session.ended", reason: `logout ${carriedOut}` } as const);
    services.audit.record({ ...event, accountId, sessionId, client: credentials.client });
  }
  return carriedOut;
}

function recordSuspicious({ audit }: Services, named: readonly NamedSession[], client: Logout["client"]): void {
  for (const { accountId, sessionId, isSuspicious } of named)
    if (isSuspicious) audit.record({ ...repeatFromElsewhere, accountId, sessionId, client });
}

type EndedSession = Pick<NamedSession, "accountId" | "sessionId" | "isReuse">;

async function namedSessions(
  services: Services,
  { accessToken, refreshTokens, client }: Pick<Logout, "accessToken" | "refreshTokens" | "client">,
  now: Date,
): Promise<NamedSession[]> {
  const byBearer = accessToken === undefined ? undefined : await sessionOfAccessToken(services, accessToken, now);
  const byRefreshToken = await Promise.all(
    refreshTokens.map((token) => services.sessions.findByRefreshToken(services.present(token, client), now)),
  );
  return [byBearer, ...byRefreshToken].filter((session) => session !== undefined);
}

/** An access token that is forged or has expired names no session; the answer stays the same. */
async function sessionOfAccessToken(services: Services, token: string, now: Date): Promise<NamedSession | undefined> {
  try {
    const { accountId, sessionId } = await services.accessTokens.verify(token, now);
    const principal = await services.sessions.findPrincipal(sessionId, now);
    return { accountId, sessionId, isLive: principal?.account.id === accountId, isReuse: false, isSuspicious: false };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

async function endNamed(services: Services, named: readonly NamedSession[], now: Date): Promise<EndedSession[]> {
  const end = async (session: NamedSession) =>
    (await services.sessions.end(session.sessionId, session.isReuse ? "reuse" : "logout", now)) ? [session] : [];
  return (await Promise.all(named.map(end))).flat();
}

interface Reach {
  /** The sessions whose accounts are reached. */
  readonly live: readonly NamedSession[];
  readonly keep: readonly NamedSession[];
}

async function endReached(services: Services, { live, keep }: Reach, now: Date): Promise<EndedSession[]> {
  const except = keep.map(({ sessionId }) => sessionId);
  const accountIds = [...new Set(live.map(({ accountId }) => accountId))];
  const endAll = async (accountId: string) => {
    const ended = await services.sessions.endAll({ accountId, except }, now);
    return ended.map((sessionId) => ({ accountId, sessionId, isReuse: false }));
  };
  return (await Promise.all(accountIds.map(endAll))).flat();
}
