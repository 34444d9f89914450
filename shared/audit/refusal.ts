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

/** No event, and why there need be none. */
export interface Nothing {
  readonly nothing: string;
}

// What a declaration names is the outcome of the call itself. Alarms and what the service does by itself may come with any.

/** The events that calls leave which did what was asked. */
export type Recorded = readonly [AuditEventType, ...AuditEventType[]] | Nothing;

/**
 * The events that refused calls leave: one for all errors, or one for each code.
 * @typeParam C the codes that must be listed, unless there is an `otherwise`
 */
export type Refused<C extends ErrorCode = never> = AuditEventType | Nothing | (EventsByCode & EveryCode<C>);

type EventsByCode = { readonly [Code in ErrorCode]?: AuditEventType | Nothing } & {
  /** For all codes that are not listed. */
  readonly otherwise?: AuditEventType;
  /** What else a refusal may leave: its flow records it itself, or `concerns` chooses it. */
  readonly byFlow?: readonly AuditEventType[];
  readonly nothing?: never;
};

type EveryCode<C extends ErrorCode> =
  | { readonly otherwise: AuditEventType }
  | { readonly [Code in Exclude<C, Unremarkable>]: AuditEventType | Nothing };

/** Codes that tell of a request's form, of waiting or of an outage: nobody was kept from what they may not do. */
type Unremarkable =
  | "VALIDATION_ERROR"
  | "RATE_LIMITED"
  | "OVERLOADED"
  | "CAPTCHA_UNAVAILABLE"
  | "DATABASE_UNAVAILABLE"
  | "SIGNING_UNAVAILABLE";

/** The event of a call refused with this code; undefined for none. */
export function refusalEvent(declared: Refused | undefined, code: ErrorCode): AuditEventType | undefined {
  if (declared === undefined || isNothing(declared)) return undefined;
  const { [code]: listed, otherwise } = typeof declared === "string" ? { otherwise: declared } : declared;
  if (listed !== undefined) return typeof listed === "string" ? listed : undefined;
  // Whoever goes on during a delay tells nothing new, and must not cost a row each time.
  return code === "RATE_LIMITED" ? undefined : otherwise;
}

/** Whether a declaration says that there is no event. */
export function isNothing(declared: Recorded | Refused): declared is Nothing {
  return typeof declared === "object" && "nothing" in declared;
}

/** The types of events that a declaration names. */
export function typesIn(declared: Recorded | Refused): AuditEventType[] {
  if (typeof declared === "string") return [declared];
  if (isNothing(declared)) return [];
  const named = Object.values(declared as Readonly<Record<string, unknown>>).flat();
  return [...new Set(named.filter((event): event is AuditEventType => typeof event === "string"))];
}
