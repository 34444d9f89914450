import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { systemClock } from "../platform/clock.ts";
import { ConfigError } from "../platform/settings/config-error.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import { errorTable } from "../platform/errors/table.ts";
import { describeError, log, withinInvocation, type LogLevel } from "../platform/log.ts";
import type { Locale } from "../platform/locale.ts";
import { services } from "../services.ts";
import { respond, type Exchange } from "./answer.ts";
import { isFormBody } from "./json-or-form-body.ts";
import { preferredLocale } from "./locale.ts";
import { readSource } from "./source.ts";
import { misconfigured } from "../platform/misconfigured.ts";
import type { Format } from "./formats/format.ts";

/** A call from the host, and the endpoint that it is for. */
export interface Incoming {
  readonly request: HttpRequest;
  readonly context: InvocationContext;
  /** `name` and `route` are logged, never the path itself, which may contain secrets. */
  readonly entry: {
    readonly name: string;
    readonly route: string;
    readonly format: Pick<Format<never>, "cors" | "tellError">;
  };
}

/**
 * Runs `work` for one request within its log context. Everything it throws becomes an answer: a declared error its own,
 * anything else an opaque 500 with its cause in the log. Every error is one log line; wrong settings are one a minute.
 */
export function serve(
  { request, context, entry }: Incoming,
  work: (exchange: Exchange) => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  const exchange = readExchange(request, context, entry);
  const invocation = {
    requestId: exchange.requestId,
    functionName: entry.name,
    write: (level: LogLevel, line: string) => context[level](line),
  };
  return withinInvocation(invocation, async () => {
    try {
      return await work(exchange);
    } catch (thrown) {
      if (thrown instanceof ConfigError)
        return respond(exchange, entry.format.tellError(exchange, misconfigured(thrown)));
      const error = thrown instanceof ApiError ? thrown : new ApiError("INTERNAL_ERROR", { cause: thrown });
      logRefusal(error, request, entry.route);
      return respond(exchange, entry.format.tellError(exchange, error));
    }
  });
}

function readExchange(
  { headers }: HttpRequest,
  { invocationId }: InvocationContext,
  { format }: Incoming["entry"],
): Exchange {
  return {
    requestId: invocationId,
    origin: headers.get("origin"),
    // Few answers need these.
    get ifNoneMatch() {
      return headers.get("if-none-match");
    },
    get accept() {
      return headers.get("accept") ?? "";
    },
    get isForm() {
      return isFormBody(headers);
    },
    get locale() {
      return preferredLocale(headers.get("accept-language")) ?? defaultLocale();
    },
    get hasAuthorization() {
      return headers.has("authorization");
    },
    cors: format.cors,
    now: present(),
  };
}

/** The setting's; English while wrong settings prevent the services from being built. */
function defaultLocale(): Locale {
  try {
    return services().config.product.defaultLocale;
  } catch {
    return "en";
  }
}

/** The services' clock; the machine's own while wrong settings prevent them from being built. */
function present(): Date {
  try {
    return services().clock.now();
  } catch {
    return systemClock.now();
  }
}

function logRefusal({ code, status, message, cause }: ApiError, request: HttpRequest, route: string): void {
  const level = status >= 500 ? "error" : "info";
  log(level, "request.refused", {
    status,
    code,
    method: request.method,
    route,
    // For callers refused because of who they are or what they sent: where they call from (ASVS 16.2.1, 16.3.2).
    ...((status === 401 || status === 403) && sourceOf(request)),
    // Not sent to the caller: a dependency's error says what an operator can do about it.
    ...(message !== errorTable[code].message && { message }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  });
}

function sourceOf({ headers }: HttpRequest) {
  const { address, userAgent } = readSource(headers, services().config.http.trustedProxyHops);
  return { address, user_agent: userAgent };
}
