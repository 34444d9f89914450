import type { HttpRequest } from "@azure/functions";
import type { Course, Refused } from "../../audit/refusal.ts";
import type { OAuthClient } from "../../clients/client.ts";
import type { CallContext } from "../../context.ts";
import type { ErrorCode } from "../../platform/errors/table.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { AnySpec, Scheme } from "../endpoint-spec.ts";

/** A check between a request and its handler. */
export interface Gate {
  readonly name: string;
  /** Whether an endpoint has this gate. */
  readonly when: (spec: AnySpec) => boolean;
  /** The codes that it may refuse a call to such an endpoint with. */
  readonly errors: (spec: AnySpec) => readonly ErrorCode[];
  /** What a caller must send to pass: one of these sets of credentials. */
  readonly security?: readonly (readonly Scheme[])[];
  /** The audit events of its own refusals, if they differ from the endpoint's; or that it records them itself. */
  readonly refused?: Refused | "by_itself";
  /** Lets a call through, and records on it what it learned. @throws ApiError one of `errors` */
  readonly pass: (call: CallAtGate) => void | Promise<void>;
}

/** A call on its way to the handler. */
export interface CallAtGate {
  readonly spec: AnySpec;
  readonly request: HttpRequest;
  readonly context: CallContext;
  readonly cookies: ReadonlyMap<string, string>;
  /** Adds headers to the answer, whatever it will be. */
  readonly addHeaders: (headers: Readonly<Record<string, string>>) => void;
  /** With `access: "session"`. */
  principal?: Principal;
  /** With `access: "client"`. */
  caller?: OAuthClient;
  /** Who the call is known to concern. */
  course?: Course | undefined;
  query?: unknown;
  body?: unknown;
  path?: unknown;
}
