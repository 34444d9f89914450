import type { HttpRequest } from "@azure/functions";
import { Refusal, type Course, type RefusalOptions } from "../audit/refusal.ts";
import type { CallContext } from "../context.ts";
import type { ApiError } from "../platform/errors/api-error.ts";
import type { ErrorCode } from "../platform/errors/table.ts";
import { services } from "../services.ts";
import type { Answer, Exchange, ReturnTarget } from "./answer.ts";
import { parseCookies } from "./cookies.ts";
import type { AnySpec, Reply } from "./endpoint-spec.ts";
import { pageAnswer, type Page } from "./formats/page.ts";
import type { Gate } from "./gates/gate.ts";
import { recordRefusal } from "./refused-call.ts";
import { readSource } from "./source.ts";

export interface Arrival {
  readonly spec: AnySpec;
  /** The gates before this endpoint. */
  readonly gates: readonly Gate[];
  readonly request: HttpRequest;
  readonly exchange: Exchange;
}

/** Takes a call through its gates to the handler, and records a refused call. */
export async function carryOut({ spec, gates, request, exchange }: Arrival): Promise<Answer> {
  const call = openCall(spec, request, exchange);
  let gate: Gate | undefined;
  try {
    for (gate of gates) await gate.pass(call);
    gate = undefined;
    return toAnswer(spec, exchange, await spec.handle(call));
  } catch (error) {
    await recordRefusal(call, error, gate);
    throw error;
  }
}

/** A call before its first gate. Reads nothing until it is asked for. */
function openCall(spec: AnySpec, request: HttpRequest, exchange: Exchange) {
  const { headers } = request;
  let context: CallContext | undefined;
  const call = {
    spec,
    request,
    headers,
    get context() {
      return (context ??= toContext(headers, exchange));
    },
    get cookies() {
      return parseCookies(headers.get("cookie"));
    },
    query: undefined as unknown,
    body: undefined as unknown,
    path: undefined as unknown,
    course: undefined as Course | undefined,
    addHeaders: (added: Readonly<Record<string, string>>) => {
      exchange.addedHeaders = { ...exchange.addedHeaders, ...added };
    },
    fail: (code: ErrorCode, options?: RefusalOptions) => new Refusal(code, options),
    concerns: (course: Course | undefined) => {
      call.course = course;
    },
    returnTo: (target: ReturnTarget | undefined) => {
      exchange.returnTarget = target;
    },
    showErrors: (toPage: (error: ApiError) => Page) => {
      exchange.errorPage = (error) => pageAnswer(toPage(error), error.status);
    },
  };
  return call;
}

/** The context of a call. @throws ConfigError if the settings are wrong */
export function toContext(headers: HttpRequest["headers"], exchange: Exchange): CallContext {
  const ready = services();
  return {
    services: ready,
    now: exchange.now,
    get source() {
      return readSource(headers, ready.config.http.trustedProxyHops);
    },
    get locale() {
      return exchange.locale;
    },
  };
}

/** Formats a reply; drops what its schema does not name. */
function toAnswer(
  spec: AnySpec,
  exchange: Exchange,
  { data, message, cookies, headers, status }: Reply<unknown>,
): Answer {
  return spec.format.answer(exchange, {
    data,
    shown: () => spec.reply.parse(data),
    status: status ?? spec.status,
    message: message ?? spec.message,
    cookies,
    headers,
  });
}
