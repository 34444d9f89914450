import { describeError, log } from "../platform/log.ts";
import type { Source } from "../platform/source.ts";
import { eventTypeOf, type ActorKind, type AuditEventType } from "./event-types.ts";

/** What happened, and to whom (ASVS 16.2.1). The call adds when and from where. Nothing in it is secret. */
export interface AuditEvent {
  readonly type: AuditEventType;
  /** Who acted, if that is not who the type says. */
  readonly actor?: Actor | undefined;
  /** The account that it happened to. */
  readonly accountId?: string | undefined;
  /** The audit id of that account, where its own id must not be told any more. */
  readonly auditId?: string | undefined;
  readonly sessionId?: string | undefined;
  /** The social provider of the sign-in or identity. */
  readonly provider?: string | undefined;
  /** The OAuth client that acted. */
  readonly clientId?: string | undefined;
  /** The `jti` of the access token. */
  readonly tokenId?: string | undefined;
  /** The address that was typed, if no account is known; only part of it is logged. */
  readonly email?: string | undefined;
  readonly reason?: string | undefined;
  /** How many more of the kind it stands for. */
  readonly count?: number | undefined;
  /** The type of events that it tells of. */
  readonly about?: AuditEventType | undefined;
  /** The instant, ISO 8601, before which events are removed. */
  readonly before?: string | undefined;
}

export interface Actor {
  readonly kind: ActorKind;
  /** The account's id of a person or an administrator, the id of a client; undefined where the kind says all. */
  readonly id?: string | undefined;
}

/** The call in which something happens; a `CallContext` is one. */
export interface AuditedCall {
  readonly now: Date;
  readonly source: Source;
}

export interface Audit {
  /** Records what happened in a call without changing a row: a refusal, an alarm. */
  record(call: AuditedCall, ...events: readonly AuditEvent[]): Promise<void>;
}

/**
 * The audit log: a line for each event, `audit`, and a row for those that are kept.
 * @param keep adds the rows; if that fails, the call goes on, because nothing else was changed
 */
export function createAudit(keep: (call: AuditedCall, events: readonly AuditEvent[]) => Promise<void>): Audit {
  return {
    async record(call, ...events) {
      writeLines(call, events);
      try {
        await keep(call, events);
      } catch (error) {
        log("warn", "audit.not_kept", { types: events.map(({ type }) => type), cause: describeError(error) });
      }
    },
  };
}

/** Writes the log lines of what happened in a call. */
export function writeLines({ source }: AuditedCall, events: readonly AuditEvent[]): void {
  for (const event of events) writeLine(event, source);
}

/** A used refresh token that comes again from somewhere other than its owner, in any call. */
export const repeatFromElsewhere = {
  type: "session.repeat_suspicious",
  reason: "another network and user agent",
} as const satisfies AuditEvent;

/** A used refresh token that comes again too late to be a repeat, in any call: it ends its session. */
export const reuseDetected = { type: "session.reuse_detected", reason: "reuse" } as const satisfies AuditEvent;

/** One event for each session of an account that ended. */
export function sessionsEnded(
  sessionIds: readonly string[],
  { accountId, provider, reason }: Pick<AuditEvent, "accountId" | "provider" | "reason">,
): AuditEvent[] {
  return sessionIds.map((sessionId) => ({ type: "session.ended", accountId, sessionId, provider, reason }));
}

function writeLine(event: AuditEvent, source: Source): void {
  const { type, accountId, sessionId, provider, clientId, tokenId, email, reason, count, about, before } = event;
  const { outcome, actor, isAlarming } = eventTypeOf(type);
  log(isAlarming ? "warn" : "info", "audit", {
    type,
    outcome,
    actor: event.actor?.kind ?? actor,
    account_id: accountId,
    session_id: sessionId,
    provider,
    client_id: clientId,
    jti: tokenId,
    email: email === undefined ? undefined : maskEmail(email),
    reason,
    about,
    before,
    count,
    address: source.address,
    user_agent: source.userAgent,
  });
}

/** Enough of an address to recognise a pattern, not enough to write to it: `a…@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return `${Array.from(email)[0] ?? ""}…${email.slice(at)}`;
}
