import type { CallContext } from "../../context.ts";
import { sessionsEnded, type AuditEvent } from "../../audit/audit.ts";
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

/**
 * Ends all other live sessions of a person, and sign-ins that wait for a second factor.
 * @returns how many sessions
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export function endOtherSessions(
  context: CallContext,
  { account: { id: accountId }, sessionId }: Principal,
): Promise<number> {
  const { services, now } = context;
  return services.transaction(
    context,
    async (tx) => {
      await tx.mfa.challenges.endAll(accountId);
      const found = await tx.sessions.endAll({ accountId, except: [sessionId] }, now);
      // Nothing is recorded of a call that ends nothing. After a lost commit, what that one ended is no longer found.
      const ended = found.length > 0 ? sessionsEnded(found, { ...byOwner, accountId }) : tx.audit.earlier;
      await tx.audit.append(...ended);
      return ended.length;
    },
    { isRepeatable: true },
  );
}
