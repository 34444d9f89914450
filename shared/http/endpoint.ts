import { app, type Cookie, type HttpRequest, type HttpResponseInit, type InvocationContext } from "@azure/functions";
import type * as z from "zod";
import { ApiError, type ApiErrorOptions, type ErrorCode } from "../platform/errors.ts";
import type { OAuthClient } from "../clients/client.ts";
import { services, type Services } from "../services.ts";
import type { Principal } from "../sessions/session-queries.ts";
import { envelope, respond, type Answer } from "./answer.ts";
import { authenticate } from "./authenticate.ts";
import { readBody } from "./body.ts";
import {
  addToCatalogue,
  type Access,
  type CatalogueEntry,
  type Form,
  type LimitPolicy,
  type Method,
} from "./catalogue.ts";
import { clientAddress } from "./client-address.ts";
import { authenticateClient, type ClientParameters } from "./client-authentication.ts";
import { parseCookies } from "./cookies.ts";
import { readForm } from "./form.ts";
import { oauthHeaders } from "./oauth-errors.ts";
import { refuseForeignOrigin } from "./origin.ts";
import { publicAnswer } from "./public-document.ts";
import { serve } from "./serve.ts";

/** Where a call comes from, for the audit log and the limits. */
export interface Client {
  /** The client's address; undefined when no trusted proxy has named it. */
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

/** What a handler receives. */
export type Call<B, A extends Access, E extends ErrorCode> = {
  readonly body: B;
  readonly client: Client;
  readonly cookies: ReadonlyMap<string, string>;
  readonly headers: { get(name: string): string | null };
  /** The instant of the call. */
  readonly now: Date;
  readonly services: Services;
  /** Makes an error that the endpoint has declared. */
  readonly fail: (code: E, options?: ApiErrorOptions) => ApiError;
} & (A extends "session" ? { readonly principal: Principal } : unknown) &
  (A extends "client" ? { readonly caller: OAuthClient } : unknown);

/** What a handler gives: the data of the reply, cookies to set, and a message where it differs from the endpoint's. */
export interface Reply<T> {
  readonly data: T;
  readonly message?: string;
  readonly cookies?: readonly Cookie[];
}

export interface EndpointSpec<B extends z.ZodType, R extends z.ZodType, A extends Access, E extends ErrorCode> {
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
  readonly limits?: readonly LimitPolicy[];
  /** Whether it reads or sets the refresh cookie: pages of foreign origins are then refused. */
  readonly usesRefreshCookie?: boolean;
  readonly body?: B;
  readonly reply: R;
  /** 200 unless given. */
  readonly status?: number;
  /** The message of the envelope. */
  readonly message?: string;
  /** The codes that the handler itself may answer; those of the shared steps come by themselves. */
  readonly errors?: readonly E[];
  /** `bare` for a document with a shape of its own, `oauth` for requests, replies and errors of RFC 6749; the envelope otherwise. */
  readonly form?: Form;
  /** Of a public document that is not JSON: what it says is the member `text` of its reply. */
  readonly contentType?: string;
  /** Seconds that caches may keep the answer; not at all unless given. Such an answer may be read from any origin. */
  readonly publicForSeconds?: number;
  handle(call: Call<z.output<B>, A, E>): Promise<Reply<NoInfer<z.input<R>>>>;
}

/**
 * Declares an endpoint: registers its function with the host and enters it into the catalogue. Its steps, in order: origin,
 * authentication (of a client after the body, which may bear its secret), body, handler, reply filter. Reading the declaration touches no setting and opens nothing.
 */
export function endpoint<
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodType,
  A extends Access = Access,
  E extends ErrorCode = never,
>(spec: EndpointSpec<B, R, A, E>): CatalogueEntry {
  const entry = toCatalogueEntry(spec);
  addToCatalogue(entry);
  app.http(spec.name, {
    methods: spec.method === "GET" ? ["GET", "HEAD"] : [spec.method],
    route: spec.route,
    authLevel: "anonymous",
    handler: (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> =>
      serve({ request, context, entry }, (exchange) =>
        services().database.withinBudget(async () => respond(exchange, await carryOut(spec, request, exchange.now))),
      ),
  });
  return entry;
}

async function carryOut<B extends z.ZodType, R extends z.ZodType, A extends Access, E extends ErrorCode>(
  spec: EndpointSpec<B, R, A, E>,
  request: HttpRequest,
  now: Date,
): Promise<Answer> {
  const ready = services();
  const { headers } = request;
  if (spec.usesRefreshCookie) refuseForeignOrigin(headers, ready.config.allowedOrigins);
  const principal =
    spec.access === "session" ? await authenticate(ready, headers.get("authorization"), now) : undefined;
  const read = spec.form === "oauth" ? readForm : readBody;
  const body = spec.body && (await read(request, spec.body, ready.config.bodyLimitBytes));
  const client = (): Client => readClient(headers, ready.config.trustedProxyHops);
  const caller =
    spec.access === "client"
      ? await authenticateClient(ready, {
          authorization: headers.get("authorization"),
          parameters: body as ClientParameters,
          client: client(),
        })
      : undefined;
  const call = {
    body,
    get client() {
      return client();
    },
    get cookies() {
      return parseCookies(headers.get("cookie"));
    },
    headers,
    now,
    services: ready,
    principal,
    caller,
    fail: (code: E, options?: ApiErrorOptions) => new ApiError(code, options),
  };
  // The conditional type of Call says what `access` gives; TypeScript cannot follow it through the generic.
  const reply = await spec.handle(call as unknown as Call<z.output<B>, A, E>);
  return toAnswer(spec, reply, { now, ifNoneMatch: headers.get("if-none-match") });
}

/** A reply as an answer: what its schema does not name is left out. */
function toAnswer<B extends z.ZodType, R extends z.ZodType, A extends Access, E extends ErrorCode>(
  spec: EndpointSpec<B, R, A, E>,
  { data, message, cookies }: Reply<z.input<R>>,
  { now, ifNoneMatch }: { now: Date; ifNoneMatch: string | null },
): Answer {
  const { form = "envelope", status = 200, publicForSeconds: forSeconds, contentType } = spec;
  if (forSeconds !== undefined) {
    const toText = (shown: object) => {
      const filtered = spec.reply.parse(shown);
      return contentType === undefined ? JSON.stringify(filtered) : (filtered as { text: string }).text;
    };
    return publicAnswer({ data: data as object, toText, contentType, forSeconds, ifNoneMatch });
  }
  const filtered = spec.reply.parse(data);
  if (form === "oauth") return { status, body: filtered, headers: oauthHeaders };
  const told = { message: message ?? spec.message ?? "Operation successful", now };
  return {
    status,
    body: form === "bare" ? filtered : envelope(status, filtered, told),
    ...(cookies && { cookies }),
  };
}

function readClient(headers: HttpRequest["headers"], trustedProxyHops: number): Client {
  const userAgent = headers.get("user-agent")?.slice(0, 200);
  return { address: clientAddress(headers.get("x-forwarded-for"), trustedProxyHops), userAgent };
}

function toCatalogueEntry<B extends z.ZodType, R extends z.ZodType, A extends Access, E extends ErrorCode>(
  spec: EndpointSpec<B, R, A, E>,
): CatalogueEntry {
  const errors = new Set<ErrorCode>([
    "INTERNAL_ERROR",
    "DATABASE_UNAVAILABLE",
    "SIGNING_UNAVAILABLE",
    ...(spec.errors ?? []),
  ]);
  const add = (...codes: ErrorCode[]) => codes.forEach((code) => errors.add(code));
  if (spec.usesRefreshCookie) add("ORIGIN_NOT_ALLOWED");
  if (spec.access === "session") add("UNAUTHENTICATED", "TOKEN_EXPIRED");
  if (spec.access === "client") add("INVALID_CLIENT");
  if (spec.body && spec.form === "oauth") add("INVALID_REQUEST", "PAYLOAD_TOO_LARGE");
  else if (spec.body) add("INVALID_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_ERROR");
  return {
    name: spec.name,
    method: spec.method,
    route: spec.route,
    summary: spec.summary,
    access: spec.access,
    limits: spec.limits ?? [],
    body: spec.body,
    reply: spec.reply,
    status: spec.status ?? 200,
    errors: [...errors].toSorted(),
    cors: spec.publicForSeconds === undefined ? "listed" : "any",
    form: spec.form ?? "envelope",
  };
}
