import type { CallContext } from "../../context.ts";
import type { AuditEvent } from "../../audit/audit.ts";
import type { Principal } from "../../sessions/session-queries.ts";

const byOwner = { type: "session.ended", reason: "ended by its owner" } as const satisfies AuditEvent;

/**
 * Ends one of a person's live sessions, this one or another.
 * @returns false if they have no live session with this id
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export function endOwnSession(
  context: CallContext,
  { account: { id: accountId } }: Principal,
  sessionId: string,
): Promise<boolean> {
  const { services, now } = context;
  const session = { accountId, sessionId };
  return services.change(context, ({ sessions }) => sessions.endOwn(session, now), { ...byOwner, ...session });
}

/** Ends all other live sessions of a person. @returns how many @throws ApiError DATABASE_UNAVAILABLE */
export async function endOtherSessions(
  context: CallContext,
  { account: { id: accountId }, sessionId }: Principal,
): Promise<number> {
  const { services, now } = context;
  const others = { accountIds: [accountId], except: [sessionId] };
  const ended = await services.change(context, ({ sessions }) => sessions.endMany(others, now), {
    kept: [{ ...byOwner, accountId }],
    lines: (sessions) => sessions.map((session) => ({ ...byOwner, accountId, sessionId: session.sessionId })),
  });
  return ended.length;
}
