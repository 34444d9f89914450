import type { AuditEvent, AuditEventType } from "./audit.ts";

/**
 * How an account's activity keeps a type of event:
 * - `all`: each one, because only its owner or an operator can cause it, or because it is an alarm;
 * - `few`: some an hour, because anyone can cause it without signing in;
 * - `none`: it happens too often to tell people anything, or concerns no person.
 */
type Keeping = "all" | "few" | "none";

/** Which events an account's activity keeps. Every type needs a line here. */
const keeping = {
  "account.registered": "all",
  "registration.requested": "none",
  "registration.refused": "none",
  "verification.requested": "few",
  "verification.refused": "few",
  "password.reset_requested": "few",
  "password.reset_refused": "few",
  "password.reset": "all",
  "password.changed": "all",
  "password.change_refused": "few",
  "sign_in.succeeded": "all",
  "sign_in.failed": "few",
  "sign_in.closed": "few",
  // It concerns a network.
  "sign_in.stuffing_detected": "none",
  "identity.linked": "all",
  "identity.unlinked": "all",
  "identity.refused": "few",
  "account.address_proven": "all",
  "account.profile_changed": "few",
  "account.email_change_requested": "all",
  "account.email_change_refused": "few",
  "account.email_changed": "all",
  "account.email_change_undone": "all",
  "account.exported": "all",
  "account.deletion_requested": "all",
  "account.deletion_cancelled": "all",
  "account.deletion_cancel_failed": "few",
  // It names nobody.
  "account.erased": "none",
  "session.refreshed": "none",
  "session.reauthenticated": "all",
  "session.reauthentication_failed": "few",
  "session.refresh_refused": "none",
  "session.reuse_detected": "all",
  "session.repeat_suspicious": "few",
  "session.ended": "all",
  "limit.exceeded": "none",
  "address.refused": "none",
  "client.refused": "none",
  "client.token_issued": "none",
  "client.token_revoked": "none",
} as const satisfies Record<AuditEventType, Keeping>;

/** The types of events that an account's activity may show: pages have a text for each. */
export const keptTypes: readonly string[] = Object.entries(keeping).flatMap(([type, how]) =>
  how === "none" ? [] : [type],
);

/**
 * How an event is kept. A refusal for an address without an account is kept too, as a row about nobody: it must cost
 * the same as one for a known address (ASVS 6.3.8).
 */
export function keepingOf({ type, accountId, email }: AuditEvent): Keeping {
  const kept = keeping[type];
  const hasSubject = accountId !== undefined || (kept === "few" && email !== undefined);
  return hasSubject ? kept : "none";
}

/** An event that is kept under this id. */
export interface Entry {
  readonly id: string;
  readonly event: AuditEvent;
  /** How many events it stands for: those of one kind that happen together are kept as one. */
  readonly count: number;
}

/**
 * The events to keep of some that happen together.
 * @param ids an id for each event, the same in each run of a transaction
 */
export function entriesOf(events: readonly AuditEvent[], ids: readonly string[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const [place, event] of events.entries()) {
    if (keepingOf(event) === "none") continue;
    const { type, accountId, email, provider, reason } = event;
    const kind = JSON.stringify([type, accountId, email, provider, reason]);
    const same = entries.get(kind);
    if (same) entries.set(kind, { ...same, event: { ...same.event, sessionId: undefined }, count: same.count + 1 });
    else entries.set(kind, { id: ids[place] ?? "", event, count: 1 });
  }
  return [...entries.values()];
}
