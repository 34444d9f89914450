import type { CallContext } from "../context.ts";
import { repeatFromElsewhere, reuseDetected } from "../audit/audit.ts";
import { ApiError, type ErrorCode } from "../platform/errors.ts";
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
}

/** @throws ApiError SESSION_PROOF_REQUIRED, REAUTHENTICATION_REQUIRED or DATABASE_UNAVAILABLE */
export async function confirmSession(
  context: CallContext,
  { confirmation, principal, refreshToken }: Confirming,
): Promise<void> {
  const { services, now, source } = context;
  const { sessions, config } = services;
  const named =
    refreshToken === undefined
      ? undefined
      : await sessions.findByRefreshToken(services.present(refreshToken, source), now);
  if (named) await recordMisuse(context, named);
  // A refresh may be repeated from elsewhere, since phones change networks. What proves a session has no need to be.
  const isProof = named?.isLive && !named.isSuspicious && named.sessionId === principal.sessionId;
  if (!isProof) throw new ApiError("SESSION_PROOF_REQUIRED");
  const { sensitiveMaxAgeSeconds } = config.sessions;
  if (confirmation === "fresh_sign_in" && !isFresh(principal.authentication.at, sensitiveMaxAgeSeconds, now))
    throw reauthenticationRequired(sensitiveMaxAgeSeconds);
}

/** A token that was used long before ends its session, here as everywhere; one that comes from elsewhere alarms. */
async function recordMisuse(
  context: CallContext,
  { accountId, sessionId, isReuse, isSuspicious }: NamedSession,
): Promise<void> {
  const { services, now } = context;
  const session = { accountId, sessionId };
  if (isReuse)
    await services.change(context, ({ sessions }) => sessions.end(sessionId, "reuse", now), {
      ...reuseDetected,
      ...session,
    });
  if (isSuspicious) await services.audit.record(context, { ...repeatFromElsewhere, ...session });
}
