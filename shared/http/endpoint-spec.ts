import type * as z from "zod";
import type { Course, Refusal, RefusalEvents, RefusalOptions } from "../audit/refusal.ts";
import type { OAuthClient } from "../clients/client.ts";
import type { CallContext } from "../context.ts";
import type { Config } from "../config.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import type { Principal } from "../sessions/session-queries.ts";
import type { ReturnTarget, SetCookie } from "./answer.ts";
import type { Format } from "./formats/format.ts";
import type { NamesIn, PathParameters } from "./path-parameters.ts";

/** An endpoint's declaration: what its handler receives and may give follows from its schemas, `access` and `format`. */
export interface EndpointSpec<
  B extends z.ZodType,
  R extends z.ZodType,
  A extends Access,
  E extends ErrorCode,
  Q extends z.ZodType,
  Route extends string,
  P extends PathParameters,
> extends Declaration {
  readonly route: Route;
  readonly access: A;
  readonly confirmation?: A extends "session" ? Confirmation : never;
  readonly body?: B;
  readonly query?: Q;
  readonly path?: P;
  readonly reply: R;
  readonly errors?: readonly E[];
  /** The envelope unless given. */
  readonly format?: Format<NoInfer<z.output<R>>>;
  handle(
    call: Call<
      z.output<B>,
      z.output<Q>,
      { readonly [Name in NamesIn<Route> & keyof P]: z.output<P[Name]["schema"]> },
      A,
      E
    >,
  ): Promise<Reply<NoInfer<z.input<R>>>>;
}

/** What is declared of an endpoint, whatever its types. */
interface Declaration {
  /** The function's name: unique, and the order in which Azure matches routes. */
  readonly name: string;
  readonly method: Method;
  readonly route: string;
  readonly summary: string;
  /** What callers should know beyond the summary: a sentence or two of Markdown. */
  readonly description?: string;
  /**
   * `session`: only with the access token of a live session; the handler then receives its principal. `client`: only for an
   * OAuth client that has authenticated itself; the handler then receives it as its caller.
   */
  readonly access: Access;
  /**
   * Of an endpoint with `access: "session"`: what it asks for beside the access token. Its body may then have
   * `refresh_token`, and pages of foreign origins are refused.
   */
  readonly confirmation?: Confirmation;
  readonly limits?: readonly LimitPolicy[];
  /** Whether it reads or sets a cookie: pages of foreign origins are then refused. */
  readonly usesCookies?: boolean;
  /** Whether it is answered even with wrong settings: its handler then may not look at the context. */
  readonly needsNoSettings?: boolean;
  /** Under which settings it is there, 404 otherwise; under all unless given. */
  readonly offered?: (config: Config) => boolean;
  /** Credentials that it takes although it is open to all; the handler looks at them. */
  readonly accepts?: readonly Scheme[];
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** A schema for each parameter of the route. */
  readonly path?: PathParameters;
  readonly reply: z.ZodType;
  /** 200 unless given. */
  readonly status?: number;
  /** The message of the envelope. */
  readonly message?: string;
  /** The codes that the handler itself may answer; those of the gates come by themselves. */
  readonly errors?: readonly ErrorCode[];
  /** The event that a refused call is in the audit log. */
  readonly refused?: RefusalEvents;
}

/** A declaration as the gates and the catalogue see it: whatever its types, and with what it leaves unsaid. */
export interface AnySpec extends Declaration {
  readonly limits: readonly LimitPolicy[];
  readonly accepts: readonly Scheme[];
  readonly status: number;
  readonly message: string;
  readonly errors: readonly ErrorCode[];
  readonly format: Format<unknown>;
  readonly handle: (call: Call<unknown, unknown, unknown, Access, ErrorCode>) => Promise<Reply<unknown>>;
}

/** What a handler receives. */
export type Call<B, Q, P, A extends Access, E extends ErrorCode> = {
  readonly body: B;
  readonly query: Q;
  readonly path: P;
  readonly cookies: ReadonlyMap<string, string>;
  readonly headers: { get(name: string): string | null };
  readonly context: CallContext;
  /** Makes an error that the endpoint has declared. */
  readonly fail: (code: E, options?: RefusalOptions) => Refusal;
  /** Whom the call turns out to concern, for the audit log if it is refused; undefined for nobody. */
  readonly concerns: (course: Course | undefined) => void;
  /** Of a `redirect`: from now on an error is told at this page; undefined for an answer of our own. */
  readonly returnTo: (target: ReturnTarget | undefined) => void;
} & (A extends "session" ? { readonly principal: Principal } : unknown) &
  (A extends "client" ? { readonly caller: OAuthClient } : unknown);

/** What a handler gives: the data of the reply, cookies to set, and a message where it differs from the endpoint's. */
export interface Reply<T> {
  readonly data: T;
  readonly message?: string;
  readonly cookies?: readonly SetCookie[];
  /** Headers that only this answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** Who may call: anybody, a live session, or an OAuth client that has authenticated itself. */
export type Access = "public" | "session" | "client";
/** A way to say who is calling. */
export type Scheme = "bearer" | "refresh_token" | "client";
/** What is asked for beside an access token: the session's own refresh token, or a recent authentication too. */
export type Confirmation = "session_proof" | "fresh_sign_in";
/** A rate-limit policy. Endpoints declare theirs from the start; the limiter will enforce them. */
export type LimitPolicy = "credentials" | "registration" | "refresh" | "client";
