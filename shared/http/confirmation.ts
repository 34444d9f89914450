import { repeatFromElsewhere, type AuditEvent } from "../audit/audit.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import type { Services } from "../services.ts";
import { isFresh, reauthenticationRequired } from "../sessions/authentication.ts";
import type { NamedSession } from "../sessions/refresh-token-queries.ts";
import type { Principal } from "../sessions/session-queries.ts";

/**
 * What an endpoint asks for beside an access token, which every API sees: the session's own refresh token, which no API
 * ever sees; and for what changes how an account is signed in to, a recent authentication too.
 */
export type Confirmation = "session_proof" | "fresh_sign_in";

/** What is refused, in the order in which it is looked at. */
export const confirmationErrors: Readonly<Record<Confirmation, readonly ErrorCode[]>> = {
  session_proof: ["SESSION_PROOF_REQUIRED"],
  fresh_sign_in: ["SESSION_PROOF_REQUIRED", "REAUTHENTICATION_REQUIRED"],
};

export interface Confirming {
  readonly confirmation: Confirmation;
  readonly principal: Principal;
  /** The refresh token that came along. */
  readonly refreshToken: string | undefined;
  readonly client: AuditEvent["client"];
}

/** @throws ApiError SESSION_PROOF_REQUIRED, REAUTHENTICATION_REQUIRED or DATABASE_UNAVAILABLE */
export async function confirmSession(
  services: Services,
  { confirmation, principal, refreshToken, client }: Confirming,
  now: Date,
): Promise<void> {
  const { sessions, config } = services;
  const named =
    refreshToken === undefined
      ? undefined
      : await sessions.findByRefreshToken(services.present(refreshToken, client), now);
  if (named) await recordMisuse(services, named, { client, now });
  // A refresh may be repeated from elsewhere, since phones change networks. What proves a session has no need to be.
  const isProof = named?.isLive && !named.isSuspicious && named.sessionId === principal.sessionId;
  if (!isProof) throw new ApiError("SESSION_PROOF_REQUIRED");
  const { sensitiveMaxAgeSeconds } = config;
  if (confirmation === "fresh_sign_in" && !isFresh(principal.authentication.at, sensitiveMaxAgeSeconds, now))
    throw reauthenticationRequired(sensitiveMaxAgeSeconds);
}

/** A token that was used long before ends its session, here as everywhere; one that comes from elsewhere alarms. */
async function recordMisuse(
  { sessions, audit }: Services,
  { accountId, sessionId, isReuse, isSuspicious }: NamedSession,
  { client, now }: { client: AuditEvent["client"]; now: Date },
): Promise<void> {
  if (isReuse && (await sessions.end(sessionId, "reuse", now)))
    audit.record({ type: "session.reuse_detected", reason: "reuse", accountId, sessionId, client });
  if (isSuspicious) audit.record({ ...repeatFromElsewhere, accountId, sessionId, client });
}
