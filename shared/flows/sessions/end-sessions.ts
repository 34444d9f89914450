import type { CallContext } from "../../context.ts";
import { repeatFromElsewhere } from "../../audit/audit.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import type { NamedSession } from "../../sessions/refresh-token-queries.ts";

/** Which sessions a logout ends: this one, all of the account's but this one, or all of them. */
export type LogoutScope = "local" | "others" | "global";

export interface EndRequest {
  readonly scope: LogoutScope;
  /** The credentials that came along, of one session or of several. */
  readonly accessToken: string | undefined;
  readonly refreshTokens: readonly string[];
}

/**
 * Ends sessions. It never fails for a credential that is unknown or has ended. `others` and `global` reach beyond the
 * sessions named by the credentials only for a live one; otherwise they do what `local` does. A refresh token that was
 * used long before is a reuse here too.
 * @returns the scope that was carried out
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function endSessions(context: CallContext, { scope, ...credentials }: EndRequest): Promise<LogoutScope> {
  const { services, source } = context;
  const named = await namedSessions(context, credentials);
  recordSuspicious(context, named);
  const live = named.filter(({ isLive }) => isLive);
  const carriedOut = live.length > 0 ? scope : "local";
  const ended = [
    ...(await endNamed(context, carriedOut === "others" ? named.filter(({ isReuse }) => isReuse) : named)),
    ...(carriedOut === "local" ? [] : await endReached(context, { live, keep: carriedOut === "others" ? named : [] })),
  ];
  for (const { accountId, sessionId, isReuse } of ended) {
    const event = isReuse
      ? ({ type: "session.reuse_detected", reason: "reuse" } as const)
      : ({ type: "session.ended", reason: `logout ${carriedOut}` } as const);
    services.audit.record({ ...event, accountId, sessionId, source });
  }
  return carriedOut;
}

function recordSuspicious({ services: { audit }, source }: CallContext, named: readonly NamedSession[]): void {
  for (const { accountId, sessionId, isSuspicious } of named)
    if (isSuspicious) audit.record({ ...repeatFromElsewhere, accountId, sessionId, source });
}

type EndedSession = Pick<NamedSession, "accountId" | "sessionId" | "isReuse">;

async function namedSessions(
  context: CallContext,
  { accessToken, refreshTokens }: Pick<EndRequest, "accessToken" | "refreshTokens">,
): Promise<NamedSession[]> {
  const { services, now, source } = context;
  const byBearer = accessToken === undefined ? undefined : await sessionOfAccessToken(context, accessToken);
  const byRefreshToken = await Promise.all(
    refreshTokens.map((token) => services.sessions.findByRefreshToken(services.sessions.present(token, source), now)),
  );
  return [byBearer, ...byRefreshToken].filter((session) => session !== undefined);
}

/** An access token that is forged or has expired names no session; the answer stays the same. */
async function sessionOfAccessToken({ services, now }: CallContext, token: string): Promise<NamedSession | undefined> {
  try {
    const { accountId, sessionId } = await services.tokens.access.verify(token, now);
    const principal = await services.sessions.findPrincipal(sessionId, now);
    return { accountId, sessionId, isLive: principal?.account.id === accountId, isReuse: false, isSuspicious: false };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

async function endNamed({ services, now }: CallContext, named: readonly NamedSession[]): Promise<EndedSession[]> {
  const end = async (session: NamedSession) =>
    (await services.sessions.end(session.sessionId, session.isReuse ? "reuse" : "logout", now)) ? [session] : [];
  return (await Promise.all(named.map(end))).flat();
}

interface Reach {
  /** The sessions whose accounts are reached. */
  readonly live: readonly NamedSession[];
  readonly keep: readonly NamedSession[];
}

async function endReached({ services, now }: CallContext, { live, keep }: Reach): Promise<EndedSession[]> {
  const except = keep.map(({ sessionId }) => sessionId);
  const accountIds = [...new Set(live.map(({ accountId }) => accountId))];
  const endAll = async (accountId: string) => {
    const ended = await services.sessions.endAll({ accountId, except }, now);
    return ended.map((sessionId) => ({ accountId, sessionId, isReuse: false }));
  };
  return (await Promise.all(accountIds.map(endAll))).flat();
}
