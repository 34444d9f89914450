import type { CallContext } from "../context.ts";
import { repeatFromElsewhere } from "../audit/audit.ts";
import { ApiError } from "../platform/errors.ts";
import type { Services } from "../services.ts";
import type { Ending } from "../sessions/ending-queries.ts";
import type { NamedSession } from "../sessions/refresh-token-queries.ts";

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
  const { services, now, source } = context;
  const named = await namedSessions(context, credentials);
  recordSuspicious(context, named);
  const carriedOut = named.some(({ isLive }) => isLive) ? scope : "local";
  for (const { accountId, sessionId, reason } of await services.sessions.endMany(endingOf(named, carriedOut), now)) {
    const event =
      reason === "reuse"
        ? ({ type: "session.reuse_detected", reason } as const)
        : ({ type: "session.ended", reason: `logout ${carriedOut}` } as const);
    services.audit.record({ ...event, accountId, sessionId, source });
  }
  return carriedOut;
}

/** What a scope ends, given the sessions that the credentials name. */
function endingOf(named: readonly NamedSession[], scope: LogoutScope): Ending {
  const idsOf = (sessions: readonly NamedSession[]) => sessions.map(({ sessionId }) => sessionId);
  const reused = idsOf(named.filter(({ isReuse }) => isReuse));
  if (scope === "local") return { sessionIds: idsOf(named), reused };
  const accountIds = [...new Set(named.filter(({ isLive }) => isLive).map(({ accountId }) => accountId))];
  return scope === "global"
    ? { sessionIds: idsOf(named), accountIds, reused }
    : { accountIds, except: idsOf(named), reused };
}

function recordSuspicious({ services: { audit }, source }: CallContext, named: readonly NamedSession[]): void {
  for (const { accountId, sessionId, isSuspicious } of named)
    if (isSuspicious) audit.record({ ...repeatFromElsewhere, accountId, sessionId, source });
}

async function namedSessions(
  { services, now, source }: CallContext,
  { accessToken, refreshTokens }: Pick<EndRequest, "accessToken" | "refreshTokens">,
): Promise<NamedSession[]> {
  const bearer = accessToken === undefined ? undefined : await verified(services, accessToken, now);
  const presented = refreshTokens.map((token) => services.present(token, source));
  return services.sessions.findNamed({ bearer, refreshTokens: presented }, now);
}

/** An access token that is forged or has expired names no session; the answer stays the same. */
async function verified({ accessTokens }: Services, token: string, now: Date) {
  try {
    return await accessTokens.verify(token, now);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}
