import type * as z from "zod";
import type { Course, Recorded, Refusal, RefusalOptions, Refused } from "../audit/refusal.ts";
import type { OAuthClient } from "../clients/client.ts";
import type { CallContext } from "../context.ts";
import type { Config } from "../config.ts";
import type { PolicyName } from "../limits/policies.ts";
import type { ApiError } from "../platform/errors/api-error.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import type { Principal } from "../sessions/session-queries.ts";
import type { ReturnTarget, SetCookie } from "./answer.ts";
import type { Page } from "./formats/page.ts";
import type { Format } from "./formats/format.ts";
import type { NamesIn, PathParameters } from "./path-parameters.ts";

/**
 * An endpoint's declaration. The types of what its handler receives and returns follow from its schemas, `access` and
 * `format`.
 */
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
  readonly refused: Refused<NoInfer<E>>;
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

/** The parts of a declaration that do not depend on type parameters. */
interface Declaration {
  /** The function's name: unique. Azure matches routes in the order of the names. */
  readonly name: string;
  readonly method: Method;
  readonly route: string;
  readonly summary: string;
  /** What callers should know besides the summary: a sentence or two of Markdown. */
  readonly description?: string;
  /**
   * `session`: requires the access token of a live session, and gives the handler its principal. `client`: requires an
   * authenticated OAuth client, and gives the handler its `caller`.
   */
  readonly access: Access;
  /**
   * With `access: "session"`: what is required besides the access token. The body may then have `refresh_token`, and
   * pages of foreign origins are refused.
   */
  readonly confirmation?: Confirmation;
  /** The rate limits that it counts under. */
  readonly limits?: readonly PolicyName[];
  /** Whether it reads or sets a cookie. Pages of foreign origins are then refused. */
  readonly usesCookies?: boolean;
  /** Whether it also works with wrong settings. Its handler must not use the context then. */
  readonly needsNoSettings?: boolean;
  /** Whether it also answers while the database is away; what operators wrote there then applies as far as it is known. */
  readonly worksWithoutDatabase?: boolean;
  /** Whether it exists with these settings (404 otherwise); always unless given. */
  readonly offered?: (config: Config) => boolean;
  /** Credentials that a public endpoint also accepts; its handler checks them. */
  readonly accepts?: readonly Scheme[];
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** A schema for each parameter of the route. */
  readonly path?: PathParameters;
  readonly reply: z.ZodType;
  /** 200 unless given. */
  readonly status?: number;
  /** A further status of replies, if there are two. */
  readonly orStatus?: number;
  /** The message of the envelope. */
  readonly message?: string;
  /** The handler's own error codes; those of the gates are added. */
  readonly errors?: readonly ErrorCode[];
  /** The audit events of a call that did what was asked, or why it leaves none. */
  readonly recorded: Recorded;
  /** The audit events of a refused call, or why it leaves none. What a gate refuses may be an event of the gate's. */
  readonly refused: Refused;
}

/** A declaration as the gates and the catalogue see it: without types, with defaults filled in. */
export interface AnySpec extends Declaration {
  readonly limits: readonly PolicyName[];
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
  /** Makes one of the errors that the endpoint declares. */
  readonly fail: (code: E, options?: RefusalOptions) => Refusal;
  /** Tells who the call concerns, for the audit log if it is refused; undefined for nobody. */
  readonly concerns: (course: Course | undefined) => void;
  /** For the format `redirect`: sends later errors to this page; undefined for an answer of our own. */
  readonly returnTo: (target: ReturnTarget | undefined) => void;
  /** For formats whose errors may come as pages: from now on errors are told by this page. */
  readonly showErrors: (toPage: (error: ApiError) => Page) => void;
} & (A extends "session" ? { readonly principal: Principal } : unknown) &
  (A extends "client" ? { readonly caller: OAuthClient } : unknown);

/** What a handler returns: the reply's data, cookies to set, and a message if it differs from the endpoint's. */
export interface Reply<T> {
  readonly data: T;
  readonly message?: string;
  /** `orStatus`, if it is that one. */
  readonly status?: number;
  readonly cookies?: readonly SetCookie[];
  /** Headers of this answer only. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/** Who may call: anyone, a live session, or an authenticated OAuth client. */
export type Access = "public" | "session" | "client";
/** A kind of credentials. */
export type Scheme = "bearer" | "refresh_token" | "client";
/** What is required besides an access token: the session's own refresh token, or that and a recent sign-in. */
export type Confirmation = "session_proof" | "fresh_sign_in";
