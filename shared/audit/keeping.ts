import type { AuditEvent } from "./audit.ts";
import type { AddressForm } from "./chain/bounds.ts";
import { eventTypeOf, type Keeping } from "./event-types.ts";

/**
 * How an event is kept. A refusal for an address without an account is kept too, as a row about nobody: it must cost
 * the same as one for a known address (ASVS 6.3.8).
 */
export function keepingOf({ type, accountId, clientId, email }: AuditEvent): Keeping {
  const { kept } = eventTypeOf(type);
  const isAboutSomebody = accountId !== undefined || clientId !== undefined || email !== undefined;
  return kept === "few" && !isAboutSomebody ? "none" : kept;
}

/** An event to keep. */
export interface Entry {
  readonly event: AuditEvent;
  /** Tells it from others: the same in each run of a transaction that finds the same. */
  readonly kind: string;
  /** How many events it stands for: those of one kind that happen together are kept as one. */
  readonly count: number;
}

/** The events to keep of some that happen together. */
export function entriesOf(events: readonly AuditEvent[], addressForm: AddressForm): Entry[] {
  const entries = new Map<string, Entry>();
  for (const event of events) {
    if (keepingOf(event) === "none") continue;
    const { type, accountId, auditId, clientId, tokenId, email, provider, reason, about } = event;
    const address = email === undefined ? undefined : addressForm(email);
    const kind = JSON.stringify([type, accountId, auditId, clientId, tokenId, address, provider, reason, about]);
    const same = entries.get(kind);
    const together = same && { event: { ...event, sessionId: undefined }, kind, count: same.count + 1 };
    entries.set(kind, together ?? { event, kind, count: event.count ?? 1 });
  }
  return [...entries.values()];
}
