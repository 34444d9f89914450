import type { AuditEvent, AuditEventType } from "../audit/audit.ts";
import type { Services, Stores } from "../services.ts";
import type { Grant } from "../sessions/grant.ts";
import { hashRefreshToken } from "../sessions/refresh-token.ts";
import type { Principal } from "../sessions/session-queries.ts";
import type { RotationOutcome } from "../sessions/refresh-token-queries.ts";

/**
 * Exchanges a refresh token for its successor and a new access token. A repeat within the grace window gets the same
 * successor; a later one is a reuse, which ends the session (RFC 9700, section 4.14.2).
 * @returns undefined when the token is refused
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function refreshSession(
  services: Services,
  { refreshToken, client }: { refreshToken: string; client: AuditEvent["client"] },
  now: Date,
): Promise<Grant | undefined> {
  const successor = services.successorOf(refreshToken);
  const hashes = {
    tokenHash: hashRefreshToken(refreshToken),
    successorHash: hashRefreshToken(successor),
  };
  // A token is not used up before its answer can be signed: the caller would come back with it, and too late.
  const { isRemote } = await services.signingKeys.current(now);
  const early = isRemote ? await signEarly(services, hashes.tokenHash, now) : undefined;
  const outcome = await rotate(services, hashes, now);
  services.audit.record({ client, ...toAuditEvent(outcome) });
  if (!("principal" in outcome)) return undefined;
  const { account } = outcome.principal;
  const { token, expiresInSeconds } = early ?? (await issueFor(services, outcome.principal, now));
  return {
    account,
    accessToken: token,
    expiresInSeconds,
    refreshToken: successor,
    refreshTokenExpiresAt: outcome.expiresAt,
  };
}

/** Signs for the session that a token names, before anything is changed: the service that signs may not answer. */
async function signEarly(services: Services, tokenHash: Buffer, now: Date) {
  const { sessions } = services;
  const named = await sessions.findByRefreshToken(tokenHash, now);
  const principal = named?.isLive ? await sessions.findPrincipal(named.sessionId, now) : undefined;
  return principal && issueFor(services, principal, now);
}

function issueFor({ accessTokens }: Services, { account, ...session }: Principal, now: Date) {
  return accessTokens.issue({ accountId: account.id, ...session }, now);
}

/** Where a commit is answered by silence the rotation runs again; a reuse that the first run has found and ended stays one. */
async function rotate(
  services: Services,
  hashes: { tokenHash: Buffer; successorHash: Buffer },
  now: Date,
): Promise<RotationOutcome> {
  let reuse: RotationOutcome | undefined;
  const work = async (tx: Stores): Promise<RotationOutcome> => {
    const outcome = await tx.sessions.rotate(hashes, now);
    if (outcome.rotation === "reuse") reuse = outcome;
    return outcome;
  };
  const outcome = await services.transaction(work, { isRepeatable: true });
  return outcome.rotation === "invalid" && reuse ? reuse : outcome;
}

function toAuditEvent(outcome: RotationOutcome): {
  type: AuditEventType;
  accountId?: string | undefined;
  sessionId?: string | undefined;
  reason: string;
} {
  const reason = outcome.rotation;
  if ("principal" in outcome)
    return {
      type: "session.refreshed",
      accountId: outcome.principal.account.id,
      sessionId: outcome.principal.sessionId,
      reason,
    };
  const type = reason === "reuse" ? "session.reuse_detected" : "session.refresh_refused";
  return { type, accountId: outcome.accountId, sessionId: outcome.sessionId, reason };
}
