import type { CallContext } from "../../context.ts";
import { repeatFromElsewhere, reuseDetected, sessionsEnded } from "../../audit/audit.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import type { Stores } from "../../services.ts";
import type { NamedSession } from "../../sessions/refresh-token-queries.ts";

/** Which sessions a logout ends: this one, all others of the account, or all of them. */
export type LogoutScope = "local" | "others" | "global";

export interface EndRequest {
  readonly scope: LogoutScope;
  /** The credentials in the request, of one session or several. */
  readonly accessToken: string | undefined;
  readonly refreshTokens: readonly string[];
}

/**
 * Ends sessions. It never fails because of a credential that is unknown or has ended. `others` and `global` reach beyond the
 * sessions named by the credentials only for a live one; otherwise they do what `local` does. A refresh token that was
 * used long before is a reuse here too.
 * @returns the scope that was applied
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function endSessions(context: CallContext, { scope, ...credentials }: EndRequest): Promise<LogoutScope> {
  const named = await namedSessions(context, credentials);
  await recordSuspicious(context, named);
  const live = named.filter(({ isLive }) => isLive);
  const carriedOut = live.length > 0 ? scope : "local";
  const reason = `logout ${carriedOut}`;
  await endNamed(context, carriedOut === "others" ? named.filter(({ isReuse }) => isReuse) : named, reason);
  if (carriedOut !== "local") await endReached(context, { live, keep: carriedOut === "others" ? named : [] }, reason);
  return carriedOut;
}

async function recordSuspicious(context: CallContext, named: readonly NamedSession[]): Promise<void> {
  for (const { accountId, sessionId, isSuspicious } of named)
    if (isSuspicious) await context.services.audit.record(context, { ...repeatFromElsewhere, accountId, sessionId });
}

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

async function endNamed(context: CallContext, named: readonly NamedSession[], reason: string): Promise<void> {
  const { services, now } = context;
  const end = ({ accountId, sessionId, isReuse }: NamedSession) => {
    const event = isReuse ? reuseDetected : ({ type: "session.ended", reason } as const);
    const work = ({ sessions }: Stores) => sessions.end(sessionId, isReuse ? "reuse" : "logout", now);
    return services.change(context, work, { ...event, accountId, sessionId });
  };
  await Promise.all(named.map(end));
}

interface Reach {
  /** The sessions whose accounts are affected. */
  readonly live: readonly NamedSession[];
  readonly keep: readonly NamedSession[];
}

async function endReached(context: CallContext, { live, keep }: Reach, reason: string): Promise<void> {
  const { services, now } = context;
  const except = keep.map(({ sessionId }) => sessionId);
  const accountIds = [...new Set(live.map(({ accountId }) => accountId))];
  const endAll = (accountId: string) => {
    const work = ({ sessions }: Stores) => sessions.endAll({ accountId, except }, now);
    return services.change(context, work, (ended) => sessionsEnded(ended, { accountId, reason }));
  };
  await Promise.all(accountIds.map(endAll));
}
