import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import { ApiError } from "../platform/errors/api-error.ts";
import { respond, type Exchange } from "./answer.ts";
import { toContext } from "./carry-out.ts";
import { allowedMethods, endpointsAt, type CatalogueEntry } from "./catalogue.ts";
import { preflightHeaders } from "./cors.ts";
import { envelope } from "./formats/envelope.ts";
import { admit } from "./gates/addresses.ts";
import { serve } from "./serve.ts";

/**
 * Registers the function for everything that no endpoint handles: 404, 405 with `Allow`, and OPTIONS of every route.
 * Its name sorts after all others, because Azure matches functions in that order.
 */
export function registerFallback(): void {
  app.http("zz-fallback", {
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    route: "{*path}",
    authLevel: "anonymous",
    handler: (request, context): Promise<HttpResponseInit> => {
      const endpoints = endpointsAt(URL.parse(request.url)?.pathname ?? "");
      const entry = {
        name: "zz-fallback",
        route: endpoints[0]?.route ?? "(none)",
        format: { ...envelope, cors: endpoints[0]?.format.cors ?? envelope.cors },
      };
      return serve({ request, context, entry }, (exchange) => fallBack(request, endpoints, exchange));
    },
  });
}

async function fallBack(
  request: HttpRequest,
  endpoints: readonly CatalogueEntry[],
  exchange: Exchange,
): Promise<HttpResponseInit> {
  // First, because with wrong settings the service must say that, not what would exist with right ones.
  const context = toContext(request.headers, exchange);
  const { config } = context.services;
  // By what is known: those who look for pages that are not here must not keep the database awake.
  await admit(context, { route: endpoints[0]?.route, isAsFarAsKnown: true });
  if (endpoints.length === 0) throw new ApiError("NOT_FOUND");
  const methods = allowedMethods(endpoints);
  const allow = { Allow: methods.join(", ") };
  if (request.method !== "OPTIONS")
    throw new ApiError("METHOD_NOT_ALLOWED", { headers: allow, details: { allowed: methods } });
  const isPreflight = exchange.origin !== null && request.headers.has("access-control-request-method");
  if (!isPreflight) return respond(exchange, { status: 204, headers: allow });
  const isAllowed = exchange.cors === "any" || config.http.allowedOrigins.has(exchange.origin ?? "");
  if (!isAllowed) throw new ApiError("ORIGIN_NOT_ALLOWED");
  return respond(exchange, { status: 204, headers: preflightHeaders(methods) });
}
