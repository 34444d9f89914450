import type { CallContext } from "../../context.ts";
import { repeatFromElsewhere, type AuditEvent } from "../../audit/audit.ts";
import type { AuditEventType } from "../../audit/event-types.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Authentication } from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { PresentedToken } from "../../sessions/refresh-token.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { RotationOutcome } from "../../sessions/refresh-token-queries.ts";
import type { Transaction } from "../../stores.ts";
import { isUseDue } from "../../sessions/use-queries.ts";
import { reuseNotice } from "./reuse-notice.ts";

/** When no status index is free for a session that has none yet. */
export const refreshSessionCodes = ["OVERLOADED"] as const;

/**
 * Exchanges a refresh token for its successor and a new access token. A repeat within the grace window gets the same
 * successor, until that has been used too; a later one is a reuse, which ends the session (RFC 9700, section 4.14.2).
 * @returns undefined if the token is refused
 * @throws ApiError OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function refreshSession(
  context: CallContext,
  { refreshToken, authentication, shown }: Refresh,
): Promise<IssuedTokens | undefined> {
  const { services, now, source } = context;
  const presented = services.sessions.present(refreshToken, source);
  // A token is used up only once the answer can be signed: otherwise the caller would repeat it too late.
  const { isRemote } = await services.tokens.keys.current(now);
  const early = isRemote ? await signEarly(context, { presented, authentication }) : undefined;
  const outcome = await rotate(context, { presented, authentication, shown });
  if (!("principal" in outcome)) return undefined;
  const { account } = outcome.principal;
  const { token, expiresInSeconds } = early ?? (await issueFor(context, outcome.principal));
  return {
    account,
    accessToken: token,
    expiresInSeconds,
    refreshToken: presented.successor,
    refreshTokenExpiresAt: outcome.expiresAt,
  };
}

export interface Refresh {
  readonly refreshToken: string;
  /** What the person has just proven; a plain refresh proves nothing. */
  readonly authentication?: Authentication;
  /** What is used up with it, in the same transaction. */
  readonly shown?: Shown | undefined;
}

export interface Shown {
  readonly accountId: string;
  /** @throws Refusal if it was used before: then nothing happens */
  readonly useUp: (tx: Transaction) => Promise<void>;
}

interface Rotating {
  readonly presented: PresentedToken;
  readonly authentication: Authentication | undefined;
}

/** Signs for the session that a token names, before anything changes: the signing service may be unavailable. */
async function signEarly(context: CallContext, { presented, authentication }: Rotating) {
  const { services, now } = context;
  const { sessions } = services;
  const named = await sessions.findByRefreshToken(presented, now);
  const principal = named?.isLive ? await sessions.findPrincipal(named.sessionId, now) : undefined;
  return principal && issueFor(context, authenticated(principal, authentication));
}

function issueFor({ services: { tokens }, now }: CallContext, { account, ...session }: Principal) {
  return tokens.access.issue({ accountId: account.id, ...session }, now);
}

function rotate(
  context: CallContext,
  { presented, authentication, shown }: Rotating & Pick<Refresh, "shown">,
): Promise<RotationOutcome> {
  const { services, now, source } = context;
  const mailId = newId(now);
  return services.transaction(
    context,
    async (tx) => {
      // Before the session's rows, as whatever removes a factor does.
      if (shown) await tx.accounts.lock(shown.accountId);
      const outcome = await tx.sessions.rotate(presented, now);
      const { earlier } = tx.audit;
      const found = toAuditEvents(outcome, authentication !== undefined);
      const isOwnTrace = isTraceOf(earlier, outcome);
      await tx.audit.append(...(isOwnTrace ? earlier : found));
      if (!("principal" in outcome)) {
        const isReuse = outcome.rotation === "reuse" || isOwnTrace;
        const notice = isReuse && outcome.owner && reuseNotice(context, outcome.owner, mailId);
        if (notice) await tx.mail.post(notice, now);
        return outcome;
      }
      const { sessionId, lastUsedAt } = outcome.principal;
      if (isUseDue(lastUsedAt, now)) await tx.sessions.noteUse({ sessionId, source }, now);
      if (!authentication) return outcome;
      await tx.sessions.noteAuthentication(sessionId, authentication);
      if (shown && !isOwnTrace) await shown.useUp(tx);
      return { ...outcome, principal: authenticated(outcome.principal, authentication) };
    },
    { isRepeatable: true },
  );
}

function authenticated(principal: Principal, authentication: Authentication | undefined): Principal {
  return authentication ? { ...principal, authentication } : principal;
}

/** Whether this outcome is the trace of an earlier run, whose commit went through although its answer was lost. */
function isTraceOf(earlier: readonly AuditEvent[], { rotation, isSuspicious }: RotationOutcome): boolean {
  const found = (outcome: RotationOutcome["rotation"]) => earlier.some(({ reason }) => reason === outcome);
  // A repeat from elsewhere follows someone else's use of the token.
  if (rotation === "repeat") return !isSuspicious && found("rotate");
  return rotation === "invalid" && found("reuse");
}

/** What is audited: the outcome, and also a repeat from elsewhere, whether it was accepted or not. */
function toAuditEvents(outcome: RotationOutcome, isReauthentication: boolean): AuditEvent[] {
  const { rotation: reason, isSuspicious } = outcome;
  const { accountId, sessionId } =
    "principal" in outcome
      ? { accountId: outcome.principal.account.id, sessionId: outcome.principal.sessionId }
      : outcome;
  const isProven = isReauthentication && "principal" in outcome;
  const type = isProven ? "session.reauthenticated" : eventTypes[reason];
  const event: AuditEvent = { type, accountId, sessionId, reason };
  if (!isSuspicious) return [event];
  return [event, { ...event, ...repeatFromElsewhere }];
}

const eventTypes = {
  rotate: "session.refreshed",
  repeat: "session.refreshed",
  reuse: "session.reuse_detected",
  invalid: "session.refresh_refused",
} as const satisfies Record<RotationOutcome["rotation"], AuditEventType>;
