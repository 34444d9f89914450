import type { HttpRequest } from "@azure/functions";
import type { Course, RefusalEvents } from "../../audit/refusal.ts";
import type { OAuthClient } from "../../clients/client.ts";
import type { CallContext } from "../../context.ts";
import type { ErrorCode } from "../../platform/errors/table.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { AnySpec, Scheme } from "../endpoint-spec.ts";

/** A check between a request and its handler. */
export interface Gate {
  readonly name: string;
  /** Whether it stands before an endpoint. */
  readonly when: (spec: AnySpec) => boolean;
  /** The codes with which it may refuse a call of such an endpoint. */
  readonly errors: (spec: AnySpec) => readonly ErrorCode[];
  /** What a caller must show to pass: one of these, each a set of credentials. */
  readonly security?: readonly (readonly Scheme[])[];
  /** The events that its own refusals are in the audit log, where they differ from the endpoint's. */
  readonly refused?: RefusalEvents;
  /** Lets a call through, and notes on it what it has learned. @throws ApiError one of `errors` */
  readonly pass: (call: CallAtGate) => void | Promise<void>;
}

/** A call on its way to the handler. */
export interface CallAtGate {
  readonly spec: AnySpec;
  readonly request: HttpRequest;
  readonly context: CallContext;
  readonly cookies: ReadonlyMap<string, string>;
  /** With `access: "session"`. */
  principal?: Principal;
  /** With `access: "client"`. */
  caller?: OAuthClient;
  /** Whom the call is known to concern. */
  course?: Course | undefined;
  query?: unknown;
  body?: unknown;
  path?: unknown;
}
