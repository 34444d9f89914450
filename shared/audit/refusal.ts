import { ApiError, type ApiErrorOptions } from "../platform/errors/api-error.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import type { AuditEvent } from "./audit.ts";
import type { AuditEventType } from "./event-types.ts";

/** Who a refused call concerns, and the reason if its code does not say it all. */
export type Subject = Pick<AuditEvent, "accountId" | "sessionId" | "clientId" | "email" | "reason">;

export interface RefusalOptions extends ApiErrorOptions {
  /** For the audit log; no answer shows it. */
  readonly about?: Subject;
}

/** An error that says who it concerns. The refused call is recorded in `http/refused-call.ts`. */
export class Refusal extends ApiError {
  readonly about: Subject;

  constructor(code: ErrorCode, { about = {}, ...options }: RefusalOptions = {}) {
    super(code, options);
    this.about = about;
  }
}

/**
 * Makes a function that creates a flow's refusals. A code that the flow does not export does not compile.
 * @param _codes the codes that the flow exports
 */
export function refusing<C extends ErrorCode>(_codes: readonly C[]): (code: C, options?: RefusalOptions) => Refusal {
  return (code, options) => new Refusal(code, options);
}

/** What is known about a call so far, in case it is refused: who it concerns, and which event the refusal is. */
export interface Course extends Subject {
  /** Set if the call turns out to be something else than its endpoint declares. */
  readonly refused?: AuditEventType;
}

/** The audit events of refused calls: one for all errors, or one for each code listed; other codes leave none. */
export type RefusalEvents = AuditEventType | { readonly [Code in ErrorCode]?: AuditEventType };

/** The event of a call refused with this code; undefined for none. */
export function refusalEvent(events: RefusalEvents | undefined, code: ErrorCode): AuditEventType | undefined {
  if (typeof events === "object") return events[code];
  // Whoever goes on during a delay tells nothing new, and must not cost a row each time.
  return code === "RATE_LIMITED" ? undefined : events;
}
