import type { AuditEvent } from "./audit.ts";
import { eventTypeOf, type Keeping } from "./event-types.ts";

/**
 * How an event is kept. A refusal for an address without an account is kept too, as a row about nobody: it must cost
 * the same as one for a known address (ASVS 6.3.8).
 */
export function keepingOf({ type, accountId, email }: AuditEvent): Keeping {
  const { kept } = eventTypeOf(type);
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
