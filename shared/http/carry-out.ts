import type { HttpRequest } from "@azure/functions";
import type { AuditEventType } from "../audit/audit.ts";
import type { CallContext } from "../context.ts";
import { ApiError, type ApiErrorOptions } from "../platform/errors/api-error.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import { services } from "../services.ts";
import type { Answer, Exchange, ReturnTarget } from "./answer.ts";
import { parseCookies } from "./cookies.ts";
import type { AnySpec, Reply } from "./endpoint-spec.ts";
import type { CallAtGate, Gate } from "./gates/gate.ts";
import { readSource } from "./source.ts";

export interface Arrival {
  readonly spec: AnySpec;
  /** Those that stand before this endpoint. */
  readonly gates: readonly Gate[];
  readonly request: HttpRequest;
  readonly exchange: Exchange;
}

/** Takes a call through its gates to the handler, and notes its failure where the endpoint says so. */
export async function carryOut({ spec, gates, request, exchange }: Arrival): Promise<Answer> {
  const call = openCall(spec, request, exchange);
  try {
    for (const gate of gates) await gate.pass(call);
    return toAnswer(spec, exchange, await spec.handle(call));
  } catch (error) {
    if (spec.failureEvent) recordFailure(spec.failureEvent, call, { error, exchange });
    throw error;
  }
}

/** A call before its first gate. What nothing asks for is not read. */
function openCall(spec: AnySpec, request: HttpRequest, exchange: Exchange) {
  const { headers } = request;
  let context: CallContext | undefined;
  return {
    spec,
    request,
    headers,
    get context() {
      return (context ??= toContext(headers, exchange.now));
    },
    get cookies() {
      return parseCookies(headers.get("cookie"));
    },
    query: undefined as unknown,
    body: undefined as unknown,
    path: undefined as unknown,
    fail: (code: ErrorCode, options?: ApiErrorOptions) => new ApiError(code, options),
    returnTo: (target: ReturnTarget | undefined) => {
      exchange.returnTarget = target;
    },
  };
}

function toContext(headers: HttpRequest["headers"], now: Date): CallContext {
  const ready = services();
  return {
    services: ready,
    now,
    get source() {
      return readSource(headers, ready.config.http.trustedProxyHops);
    },
  };
}

/** A reply in the endpoint's format: what its schema does not name is left out. */
function toAnswer(spec: AnySpec, exchange: Exchange, { data, message, cookies, headers }: Reply<unknown>): Answer {
  return spec.format.answer(exchange, {
    data,
    shown: () => spec.reply.parse(data),
    status: spec.status,
    message: message ?? spec.message,
    cookies,
    headers,
  });
}

function recordFailure(
  type: AuditEventType,
  { request, context, principal }: CallAtGate,
  { error, exchange }: { error: unknown; exchange: Exchange },
): void {
  const { services: ready, source } = context;
  const { code, options } = error instanceof ApiError ? error : new ApiError("INTERNAL_ERROR");
  const { provider } = request.params;
  const owner = exchange.returnTarget?.owner;
  ready.audit.record({
    type: owner ? "identity.refused" : type,
    reason: code,
    accountId: principal?.account.id ?? owner?.accountId ?? options.accountId,
    sessionId: principal?.sessionId ?? owner?.sessionId,
    provider: provider !== undefined && ready.social.providers.has(provider) ? provider : undefined,
    source,
  });
}
