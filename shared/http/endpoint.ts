import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from "@azure/functions";
import type * as z from "zod";
import { ApiError, type ApiErrorOptions, type ErrorCode } from "../platform/errors.ts";
import type { AuditEventType } from "../audit/audit.ts";
import type { Principal } from "../sessions/session-queries.ts";
import type { CallContext } from "../context.ts";
import { services } from "../services.ts";
import { envelope, respond, type Answer, type Exchange } from "./answer.ts";
import { authenticate } from "./authenticate.ts";
import { readBody } from "./body.ts";
import { addToCatalogue, takesHead, type Access, type CatalogueEntry, type Form } from "./catalogue.ts";
import { authenticateClient, type ClientParameters } from "./client-authentication.ts";
import { confirmationErrors, confirmSession } from "./confirmation.ts";
import { parseCookies, presentedRefreshToken } from "./cookies.ts";
import type { AnySpec, EndpointSpec, Reply } from "./endpoint-spec.ts";
import { readForm } from "./form.ts";
import { oauthHeaders } from "./oauth-errors.ts";
import { refuseForeignOrigin } from "./origin.ts";
import { pageAnswer, type Page } from "./page.ts";
import { publicAnswer } from "./public-document.ts";
import { readQuery } from "./query.ts";
import { redirectAnswer, type ReturnTarget } from "./redirect.ts";
import { serve } from "./serve.ts";
import { readSource } from "./source.ts";

/**
 * Declares an endpoint: registers its function with the host and enters it into the catalogue. Its steps, in order: origin,
 * authentication (of a client after the body, which may bear its secret), body, confirmation, handler, reply filter. Reading the declaration touches no setting and opens nothing.
 */
export function endpoint<
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodType,
  A extends Access = Access,
  E extends ErrorCode = never,
  Q extends z.ZodType = z.ZodUndefined,
>(spec: EndpointSpec<B, R, A, E, Q>): CatalogueEntry {
  // The conditional type of Call says what `access` gives; TypeScript cannot follow it through the generic.
  const steps = spec as unknown as AnySpec;
  const entry = toCatalogueEntry(steps);
  addToCatalogue(entry);
  app.http(spec.name, {
    methods: takesHead(entry) ? ["GET", "HEAD"] : [spec.method],
    route: spec.route,
    authLevel: "anonymous",
    handler: (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> =>
      serve({ request, context, entry }, async (exchange) => {
        if (spec.needsNoSettings) return respond(exchange, await answerAlone(steps, exchange));
        return services().database.withinBudget(async () =>
          respond(exchange, await carryOut(steps, request, exchange)),
        );
      }),
  });
  return entry;
}

const defaultMessage = "Operation successful";

/** Answers without any step, and with nothing at hand: a handler that asks for more gets nothing. */
async function answerAlone(spec: AnySpec, { now }: Exchange): Promise<Answer> {
  return toAnswer(spec, await spec.handle({} as Parameters<typeof spec.handle>[0]), { now, ifNoneMatch: null });
}

/** What a call has learned of its caller when it fails. */
interface Course {
  readonly exchange: Exchange;
  readonly context: CallContext;
  principal?: Principal | undefined;
}

/** Carries a call out, and notes its failure where the endpoint says so. */
async function carryOut(spec: AnySpec, request: HttpRequest, exchange: Exchange): Promise<Answer> {
  const course: Course = { exchange, context: toContext(request, exchange) };
  try {
    return await takeSteps(spec, request, course);
  } catch (error) {
    if (spec.failureEvent) await recordFailure(spec.failureEvent, request, { ...course, error });
    throw error;
  }
}

/** What the call is carried out with. Where it comes from is read only when something asks for it. */
function toContext({ headers }: HttpRequest, { now }: Exchange): CallContext {
  const ready = services();
  return {
    services: ready,
    now,
    get source() {
      return readSource(headers, ready.config.http.trustedProxyHops);
    },
  };
}

async function recordFailure(
  type: AuditEventType,
  { params }: HttpRequest,
  { exchange, context, principal, error }: Course & { error: unknown },
): Promise<void> {
  const { services: ready } = context;
  const { code, options } = error instanceof ApiError ? error : new ApiError("INTERNAL_ERROR");
  const { provider } = params;
  const owner = exchange.returnTarget?.owner;
  await ready.audit.record(context, {
    type: owner ? "identity.refused" : type,
    reason: code,
    accountId: principal?.account.id ?? owner?.accountId ?? options.accountId,
    sessionId: principal?.sessionId ?? owner?.sessionId,
    provider: provider !== undefined && ready.providers.has(provider) ? provider : undefined,
  });
}

async function takeSteps(spec: AnySpec, request: HttpRequest, course: Course): Promise<Answer> {
  const { exchange, context } = course;
  const { services: ready, now } = context;
  const { headers } = request;
  if (spec.offered && !spec.offered(ready.config)) throw new ApiError("NOT_FOUND");
  if (spec.usesCookies || spec.confirmation) refuseForeignOrigin(headers, ready.config.http.allowedOrigins);
  if (spec.access === "session") course.principal = await authenticate(context, headers.get("authorization"));
  const query = spec.query && readQuery(request.url, spec.query);
  const read = takesForm(spec.form) ? readForm : readBody;
  const body = spec.body && (await read(request, spec.body, ready.config.http.bodyLimitBytes));
  if (spec.confirmation && course.principal) {
    const shown = {
      body: body as { refresh_token?: string } | undefined,
      cookies: parseCookies(headers.get("cookie")),
    };
    const { token: refreshToken } = presentedRefreshToken(ready.config, shown);
    const { confirmation } = spec;
    await confirmSession(context, { confirmation, principal: course.principal, refreshToken });
  }
  const caller =
    spec.access === "client"
      ? await authenticateClient(context, {
          authorization: headers.get("authorization"),
          parameters: body as ClientParameters,
        })
      : undefined;
  const call = {
    body,
    params: request.params,
    query,
    get cookies() {
      return parseCookies(headers.get("cookie"));
    },
    headers,
    context,
    principal: course.principal,
    caller,
    fail: (code: ErrorCode, options?: ApiErrorOptions) => new ApiError(code, options),
    returnTo: (target: ReturnTarget | undefined) => {
      exchange.returnTarget = target;
    },
  };
  const reply = await spec.handle(call);
  return toAnswer(spec, reply, { now, ifNoneMatch: headers.get("if-none-match") });
}

/** Whether a body comes as a form, as OAuth has it. */
function takesForm(form: Form | undefined): boolean {
  return form === "oauth" || form === "redirect";
}

/** A reply as an answer: what its schema does not name is left out. */
function toAnswer(
  spec: AnySpec,
  { data, message, cookies, headers }: Reply<unknown>,
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
  // A redirect may show a page instead, where its schema says so.
  const isPage = form === "page" || (form === "redirect" && "html" in (filtered as object));
  if (isPage) return pageAnswer(filtered as Page);
  if (form === "redirect") return redirectAnswer((filtered as { location: string }).location, { status, cookies });
  if (form === "oauth") return { status, body: filtered, headers: oauthHeaders };
  const told = { message: message ?? spec.message ?? defaultMessage, now };
  return {
    status,
    body: form === "bare" ? filtered : envelope(status, filtered, told),
    ...(headers && { headers }),
    ...(cookies && { cookies }),
  };
}

function toCatalogueEntry(spec: AnySpec): CatalogueEntry {
  const errors = new Set<ErrorCode>([
    "INTERNAL_ERROR",
    "DATABASE_UNAVAILABLE",
    "SIGNING_UNAVAILABLE",
    ...(spec.errors ?? []),
  ]);
  const add = (...codes: ErrorCode[]) => codes.forEach((code) => errors.add(code));
  if (!spec.needsNoSettings) add("SERVICE_MISCONFIGURED");
  if (spec.offered) add("NOT_FOUND");
  if (spec.usesCookies || spec.confirmation) add("ORIGIN_NOT_ALLOWED");
  if (spec.confirmation) add(...confirmationErrors[spec.confirmation]);
  if (spec.access === "session") add("UNAUTHENTICATED", "TOKEN_EXPIRED");
  if (spec.access === "client") add("INVALID_CLIENT");
  if (spec.body && takesForm(spec.form)) add("INVALID_REQUEST", "PAYLOAD_TOO_LARGE");
  else if (spec.body) add("INVALID_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_ERROR");
  return {
    name: spec.name,
    method: spec.method,
    route: spec.route,
    summary: spec.summary,
    access: spec.access,
    confirmation: spec.confirmation,
    limits: spec.limits ?? [],
    query: spec.query,
    body: spec.body,
    reply: spec.reply,
    status: spec.status ?? 200,
    isOffered: spec.offered ?? (() => true),
    errors: [...errors].toSorted(),
    cors: spec.publicForSeconds === undefined ? "listed" : "any",
    form: spec.form ?? "envelope",
    accepts: spec.accepts ?? [],
    message: spec.message ?? defaultMessage,
    contentType: spec.contentType ?? (spec.form === "page" ? "text/html" : "application/json"),
  };
}
