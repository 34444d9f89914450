import type { CallContext } from "../../context.ts";
import { repeatFromElsewhere, reuseDetected, type AuditEvent } from "../../audit/audit.ts";
import type { OutgoingMail } from "../../mail/message.ts";
import { newId } from "../../platform/crypto/random.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import type { Services } from "../../services.ts";
import type { Stores } from "../../stores.ts";
import type { EndedSession, Ending } from "../../sessions/ending-queries.ts";
import type { NamedSession } from "../../sessions/refresh-token-queries.ts";
import { reuseNotice } from "./reuse-notice.ts";

/**
 * Ends sessions. It never fails because of an unknown or ended credential. `others` and `global` reach beyond the
 * credentials' own sessions only if one of those is live, and then also end sign-ins that wait for a second factor; otherwise
 * they do what `local` does. A refresh token that was
 * used long ago is a reuse here too, unless the request has a live credential of the same session.
 * @returns the scope that was applied
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function endSessions(context: CallContext, { scope, ...credentials }: EndRequest): Promise<LogoutScope> {
  const { services, now } = context;
  const named = await namedSessions(context, credentials);
  await recordSuspicious(context, named);
  const carriedOut = named.some(({ isLive }) => isLive) ? scope : "local";
  const ending = endingOf(named, carriedOut);
  const notices = reuseNotices(context, named, ending);
  const mailIds = notices.map(({ id }) => id);
  await services.mail.announce(mailIds);
  const end = async ({ outbox, mfa, sessions }: Stores) => {
    for (const notice of notices) await outbox.add(notice, now);
    for (const accountId of ending.accountIds ?? []) await mfa.challenges.endAll(accountId);
    return sessions.endMany(ending, now);
  };
  await services.change(context, end, {
    kept: knownEvents(named, ending, carriedOut),
    lines: (ended) => inOrderOf(named, ended).map((session) => eventOf(session, carriedOut)),
  });
  await services.mail.hurry(mailIds);
  return carriedOut;
}

/** A mail for each session that ends because its token was stolen. */
function reuseNotices(context: CallContext, named: readonly NamedSession[], { reused = [] }: Ending): OutgoingMail[] {
  const owners = new Map(named.map(({ sessionId, owner }) => [sessionId, owner]));
  return [...new Set(reused)].flatMap((sessionId) => {
    const owner = owners.get(sessionId);
    return (owner && reuseNotice(context, owner, newId(context.now))) ?? [];
  });
}

/** Which sessions a logout ends: this one, all others of the account, or all of them. */
export type LogoutScope = "local" | "others" | "global";

export interface EndRequest {
  readonly scope: LogoutScope;
  /** The credentials in the request, of one session or several. */
  readonly accessToken: string | undefined;
  readonly refreshTokens: readonly string[];
}

/** What a scope ends, given the sessions that the credentials name. */
function endingOf(named: readonly NamedSession[], scope: LogoutScope): Ending {
  const idsOf = (sessions: readonly NamedSession[]) => sessions.map(({ sessionId }) => sessionId);
  const live = named.filter(({ isLive }) => isLive);
  const used = idsOf(named.filter(({ isReuse }) => isReuse));
  const accountIds = [...new Set(live.map(({ accountId }) => accountId))];
  if (scope === "others") return { accountIds, except: idsOf(named), reused: used };
  const reused = used.filter((id) => !idsOf(live).includes(id));
  return { sessionIds: idsOf(named), accountIds: scope === "global" ? accountIds : [], reused };
}

/** What will have happened, as far as it is known: of sessions that no credential names, only whose they are. */
function knownEvents(named: readonly NamedSession[], { accountIds = [], ...ids }: Ending, scope: LogoutScope) {
  const alone = new Map(named.map(({ sessionId, accountId }) => [sessionId, accountId]));
  const { sessionIds = [], reused = [] } = ids;
  const isOver = new Set(named.filter(({ isEnded }) => isEnded).map(({ sessionId }) => sessionId));
  const events = [...new Set([...reused, ...sessionIds])]
    .filter((id) => !isOver.has(id))
    .map((sessionId) => ({ sessionId, accountId: alone.get(sessionId) ?? "", isReuse: reused.includes(sessionId) }))
    .filter(({ accountId, isReuse }) => isReuse || !accountIds.includes(accountId))
    .map(({ isReuse, ...session }) => eventOf({ ...session, reason: isReuse ? "reuse" : "logout" }, scope));
  return [...events, ...accountIds.map((accountId) => ({ ...endedBy(scope), accountId }))];
}

const endedBy = (scope: LogoutScope) => ({ type: "session.ended", reason: `logout ${scope}` }) as const;

/** The sessions of the credentials come first, in the order of these, then the others of their accounts. */
function inOrderOf(named: readonly NamedSession[], ended: readonly EndedSession[]): EndedSession[] {
  const own = named.flatMap(({ sessionId }) => ended.filter((session) => session.sessionId === sessionId));
  const others = named.flatMap(({ accountId }) => ended.filter((session) => session.accountId === accountId));
  return [...new Set([...own, ...others])];
}

function eventOf({ accountId, sessionId, reason }: EndedSession, scope: LogoutScope): AuditEvent {
  return { ...(reason === "reuse" ? reuseDetected : endedBy(scope)), accountId, sessionId };
}

async function recordSuspicious(context: CallContext, named: readonly NamedSession[]): Promise<void> {
  for (const { accountId, sessionId, isSuspicious } of named)
    if (isSuspicious) await context.services.audit.record(context, { ...repeatFromElsewhere, accountId, sessionId });
}

async function namedSessions(
  { services, now, source }: CallContext,
  { accessToken, refreshTokens }: Pick<EndRequest, "accessToken" | "refreshTokens">,
): Promise<NamedSession[]> {
  const bearer = accessToken === undefined ? undefined : await verified(services, accessToken, now);
  const presented = refreshTokens.map((token) => services.sessions.present(token, source));
  return services.sessions.findNamed({ bearer, refreshTokens: presented }, now);
}

/** An access token that is forged or has expired names no session; the answer stays the same. */
async function verified({ tokens }: Services, token: string, now: Date) {
  try {
    return await tokens.access.verify(token, now);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}
