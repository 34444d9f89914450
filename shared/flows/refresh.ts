import type { AuditEvent, AuditEventType } from "../audit/audit.ts";
import type { Services, Stores } from "../services.ts";
import type { Grant } from "../sessions/grant.ts";
import type { PresentedToken } from "../sessions/refresh-token.ts";
import type { Principal } from "../sessions/session-queries.ts";
import type { RotationOutcome } from "../sessions/refresh-token-queries.ts";

/**
 * Exchanges a refresh token for its successor and a new access token. A repeat within the grace window gets the same
 * successor, until that has been used too; a later one is a reuse, which ends the session (RFC 9700, section 4.14.2).
 * @returns undefined when the token is refused
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function refreshSession(
  services: Services,
  { refreshToken, client }: { refreshToken: string; client: AuditEvent["client"] },
  now: Date,
): Promise<Grant | undefined> {
  const presented = services.present(refreshToken, client);
  // A token is not used up before its answer can be signed: the caller would come back with it, and too late.
  const { isRemote } = await services.signingKeys.current(now);
  const early = isRemote ? await signEarly(services, presented, now) : undefined;
  const outcome = await rotate(services, presented, now);
  for (const event of toAuditEvents(outcome)) services.audit.record({ client, ...event });
  if (!("principal" in outcome)) return undefined;
  const { account } = outcome.principal;
  const { token, expiresInSeconds } = early ?? (await issueFor(services, outcome.principal, now));
  return {
    account,
    accessToken: token,
    expiresInSeconds,
    refreshToken: presented.successor,
    refreshTokenExpiresAt: outcome.expiresAt,
  };
}

/** Signs for the session that a token names, before anything is changed: the service that signs may not answer. */
async function signEarly(services: Services, presented: PresentedToken, now: Date) {
  const { sessions } = services;
  const named = await sessions.findByRefreshToken(presented, now);
  const principal = named?.isLive ? await sessions.findPrincipal(named.sessionId, now) : undefined;
  return principal && issueFor(services, principal, now);
}

function issueFor({ accessTokens }: Services, { account, ...session }: Principal, now: Date) {
  return accessTokens.issue({ accountId: account.id, ...session }, now);
}

/** Where a commit is answered by silence the rotation runs again; a reuse that the first run has found and ended stays one. */
async function rotate(services: Services, presented: PresentedToken, now: Date): Promise<RotationOutcome> {
  let reuse: RotationOutcome | undefined;
  const work = async (tx: Stores): Promise<RotationOutcome> => {
    const outcome = await tx.sessions.rotate(presented, now);
    if (outcome.rotation === "reuse") reuse = outcome;
    return outcome;
  };
  const outcome = await services.transaction(work, { isRepeatable: true });
  return outcome.rotation === "invalid" && reuse ? reuse : outcome;
}

type RefreshEvent = Pick<AuditEvent, "type" | "accountId" | "sessionId" | "reason">;

/** What is audited: the outcome, and beside it that a repeat, served or not, comes from elsewhere. */
function toAuditEvents(outcome: RotationOutcome): RefreshEvent[] {
  const { rotation: reason, isSuspicious } = outcome;
  const { accountId, sessionId } =
    "principal" in outcome
      ? { accountId: outcome.principal.account.id, sessionId: outcome.principal.sessionId }
      : outcome;
  const event: RefreshEvent = { type: eventTypes[reason], accountId, sessionId, reason };
  if (!isSuspicious) return [event];
  return [event, { ...event, type: "session.repeat_suspicious", reason: "another network and user agent" }];
}

const eventTypes = {
  rotate: "session.refreshed",
  repeat: "session.refreshed",
  reuse: "session.reuse_detected",
  invalid: "session.refresh_refused",
} as const satisfies Record<RotationOutcome["rotation"], AuditEventType>;
