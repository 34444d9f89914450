import { ApiError, type ApiErrorOptions } from "../platform/errors/api-error.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import type { AuditEvent, AuditEventType } from "./audit.ts";

/** Whom a refused call concerns, and the reason where its code does not say all. */
export type Subject = Pick<AuditEvent, "accountId" | "sessionId" | "clientId" | "email" | "reason">;

export interface RefusalOptions extends ApiErrorOptions {
  /** For the audit log; no answer shows it. */
  readonly about?: Subject;
}

/** An error that says whom it concerns. The call that it ends is recorded where the error leaves it. */
export class Refusal extends ApiError {
  readonly about: Subject;

  constructor(code: ErrorCode, { about = {}, ...options }: RefusalOptions = {}) {
    super(code, options);
    this.about = about;
  }
}

/**
 * Makes the refusals of a flow, which exports their codes: another code does not compile.
 * @param _codes those that the flow exports
 */
export function refusing<C extends ErrorCode>(_codes: readonly C[]): (code: C, options?: RefusalOptions) => Refusal {
  return (code, options) => new Refusal(code, options);
}

/** What is known of a call on its way, should it be refused: whom it concerns, and what its refusal then is. */
export interface Course extends Subject {
  /** Where the call turns out to be another than its endpoint declares. */
  readonly refused?: AuditEventType;
}

/** Which events refused calls are: one for all errors, or one for each of those named. The others leave no event. */
export type RefusalEvents = AuditEventType | { readonly [Code in ErrorCode]?: AuditEventType };

/** The event that a call is when it is refused with this code. */
export function refusalEvent(events: RefusalEvents | undefined, code: ErrorCode): AuditEventType | undefined {
  return typeof events === "object" ? events[code] : events;
}
