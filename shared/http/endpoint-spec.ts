import type { Cookie } from "@azure/functions";
import type * as z from "zod";
import type { AuditEventType } from "../audit/audit.ts";
import type { OAuthClient } from "../clients/client.ts";
import type { Config } from "../config.ts";
import type { ApiError, ApiErrorOptions } from "../platform/errors/api-error.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import type { CallContext } from "../context.ts";
import type { Principal } from "../sessions/session-queries.ts";
import type { Access, Form, LimitPolicy, Method, OptionalCredential } from "./catalogue.ts";
import type { Confirmation } from "./confirmation.ts";
import type { ReturnTarget } from "./redirect.ts";

/** What a handler receives. */
export type Call<B, Q, A extends Access, E extends ErrorCode> = {
  readonly body: B;
  /** The parameters of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly cookies: ReadonlyMap<string, string>;
  readonly headers: { get(name: string): string | null };
  readonly context: CallContext;
  /** Makes an error that the endpoint has declared. */
  readonly fail: (code: E, options?: ApiErrorOptions) => ApiError;
  /** Of a `redirect`: from now on an error is told at this page; undefined for an answer of our own. */
  readonly returnTo: (target: ReturnTarget | undefined) => void;
} & (A extends "session" ? { readonly principal: Principal } : unknown) &
  (A extends "client" ? { readonly caller: OAuthClient } : unknown);

/** What a handler gives: the data of the reply, cookies to set, and a message where it differs from the endpoint's. */
export interface Reply<T> {
  readonly data: T;
  readonly message?: string;
  readonly cookies?: readonly Cookie[];
  /** Headers that this answer alone has. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EndpointSpec<
  B extends z.ZodType,
  R extends z.ZodType,
  A extends Access,
  E extends ErrorCode,
  Q extends z.ZodType = z.ZodType,
> {
  /** The function's name: unique, and the order in which Azure matches routes. */
  readonly name: string;
  readonly method: Method;
  readonly route: string;
  readonly summary: string;
  /**
   * `session`: only with the access token of a live session; the handler then receives its principal. `client`: only for an
   * OAuth client that has authenticated itself; the handler then receives it as its caller.
   */
  readonly access: A;
  /**
   * Of an endpoint with `access: "session"`: what it asks for beside the access token. Its body may then bear
   * `refresh_token`, and pages of foreign origins are refused.
   */
  readonly confirmation?: Confirmation;
  readonly limits?: readonly LimitPolicy[];
  /** Whether it reads or sets a cookie: pages of foreign origins are then refused. */
  readonly usesCookies?: boolean;
  /** Whether it is answered even with wrong settings: its handler then may not look at the services. */
  readonly needsNoSettings?: boolean;
  /** Under which settings it is there, 404 otherwise; under all unless given. */
  readonly offered?: (config: Config) => boolean;
  /** Credentials that it takes although it is open to all; the handler looks at them. */
  readonly accepts?: readonly OptionalCredential[];
  readonly query?: Q;
  readonly body?: B;
  readonly reply: R;
  /** 200 unless given. */
  readonly status?: number;
  /** The message of the envelope. */
  readonly message?: string;
  /** The codes that the handler itself may answer; those of the shared steps come by themselves. */
  readonly errors?: readonly E[];
  /** The event that each of its errors is in the audit log. */
  readonly failureEvent?: AuditEventType;
  /**
   * `bare` for a document with a shape of its own, `oauth` for requests, replies and errors of RFC 6749, `redirect` for a
   * browser's visit that is sent on to the `location` of the reply, `page` for one that is shown; the envelope otherwise.
   */
  readonly form?: Form;
  /** Of a public document that is not JSON: what it says is the member `text` of its reply. */
  readonly contentType?: string;
  /** Seconds that caches may keep the answer; not at all unless given. Such an answer may be read from any origin. */
  readonly publicForSeconds?: number;
  handle(call: Call<z.output<B>, z.output<Q>, A, E>): Promise<Reply<NoInfer<z.input<R>>>>;
}

/** An endpoint's declaration, whatever its types. */
export type AnySpec = EndpointSpec<z.ZodType, z.ZodType, Access, ErrorCode>;
