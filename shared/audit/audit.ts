import { log } from "../platform/log.ts";
import type { Source } from "../platform/source.ts";

/** What happened, in the words that dashboards and alerts use. */
export type AuditEventType =
  | "account.registered"
  | "registration.refused"
  | "sign_in.succeeded"
  | "sign_in.failed"
  | "identity.linked"
  | "identity.unlinked"
  | "identity.refused"
  | "account.address_proven"
  | "session.refreshed"
  | "session.reauthenticated"
  | "session.reauthentication_failed"
  | "session.refresh_refused"
  | "session.reuse_detected"
  | "session.repeat_suspicious"
  | "session.ended"
  | "client.refused"
  | "client.token_issued"
  | "client.token_revoked";

/** Who did it, from where, what: ASVS 16.2.1. Nothing in it is secret. */
export interface AuditEvent {
  readonly type: AuditEventType;
  readonly accountId?: string | undefined;
  readonly sessionId?: string | undefined;
  /** The social provider that was signed in with. */
  readonly provider?: string | undefined;
  /** The OAuth client that acted. */
  readonly clientId?: string | undefined;
  /** The `jti` of the access token. */
  readonly tokenId?: string;
  /** The address that was typed, where no account is known; it is kept in part only. */
  readonly email?: string;
  readonly reason?: string;
  readonly source: Source;
}

/** A used refresh token that comes again from where its owner is not, whatever the call. */
export const repeatFromElsewhere = {
  type: "session.repeat_suspicious",
  reason: "another network and user agent",
} as const satisfies Pick<AuditEvent, "type" | "reason">;

export interface Audit {
  /** Records an event of the account's or session's life. */
  record(event: AuditEvent): void;
}

/** Events that a person on call wants to see. */
const alarming: ReadonlySet<AuditEventType> = new Set(["session.reuse_detected", "session.repeat_suspicious"]);
const failures: ReadonlySet<AuditEventType> = new Set([
  "sign_in.failed",
  "registration.refused",
  "identity.refused",
  "session.reauthentication_failed",
  "session.refresh_refused",
  "session.reuse_detected",
  "session.repeat_suspicious",
  "client.refused",
]);

/** The audit log as log lines: event `audit`, one line each. */
export function createAudit(): Audit {
  return {
    record({ type, accountId, sessionId, provider, clientId, tokenId, email, reason, source }) {
      log(alarming.has(type) ? "warn" : "info", "audit", {
        type,
        outcome: failures.has(type) ? "failure" : "success",
        account_id: accountId,
        session_id: sessionId,
        provider,
        client_id: clientId,
        jti: tokenId,
        email: email === undefined ? undefined : maskEmail(email),
        reason,
        address: source.address,
        user_agent: source.userAgent,
      });
    },
  };
}

/** Enough of an address to recognise a pattern, not enough to write to it: `a…@example.com`. */
function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return `${Array.from(email)[0] ?? ""}…${email.slice(at)}`;
}
