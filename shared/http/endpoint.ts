import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from "@azure/functions";
import type * as z from "zod";
import type { ErrorCode } from "../platform/errors/table.ts";
import { services } from "../services.ts";
import { respond } from "./answer.ts";
import { carryOut } from "./carry-out.ts";
import { addToCatalogue, takesHead, toEntry, type CatalogueEntry } from "./catalogue.ts";
import type { Access, AnySpec, EndpointSpec } from "./endpoint-spec.ts";
import { envelope } from "./formats/envelope.ts";
import type { Gate } from "./gates/gate.ts";
import { gates as ours } from "./gates/gates.ts";
import type { PathOf, PathParameters } from "./path-parameters.ts";
import { serve } from "./serve.ts";

/**
 * Declares an endpoint: registers its function with the host and adds it to the catalogue. A call passes the gates in
 * order and then reaches the handler. Declaring reads no settings and opens nothing.
 */
export const endpoint = endpointBehind(ours);

/** Makes a function that declares endpoints behind these gates. */
export function endpointBehind(gates: readonly Gate[]) {
  return function declare<
    B extends z.ZodType = z.ZodUndefined,
    R extends z.ZodType = z.ZodType,
    A extends Access = Access,
    E extends ErrorCode = never,
    Q extends z.ZodType = z.ZodUndefined,
    const Route extends string = string,
    const P extends PathParameters = PathParameters,
  >(declared: EndpointSpec<B, R, A, E, Q, Route, P> & PathOf<Route, P>): CatalogueEntry {
    // `access` and the schemas determine what `handle` receives. The gates ensure it, but TypeScript cannot follow.
    const spec = { ...unsaid, ...declared } as unknown as AnySpec;
    const passed = gates.filter((gate) => gate.when(spec));
    const entry = toEntry(spec, passed);
    addToCatalogue(entry);
    const withinBudget = <T>(work: () => Promise<T>) =>
      spec.needsNoSettings ? work() : services().database.withinBudget(work);
    app.http(spec.name, {
      methods: takesHead(spec) ? ["GET", "HEAD"] : [spec.method],
      route: spec.route,
      authLevel: "anonymous",
      handler: (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> =>
        serve({ request, context, entry }, (exchange) =>
          withinBudget(async () => respond(exchange, await carryOut({ spec, gates: passed, request, exchange }))),
        ),
    });
    return entry;
  };
}

/** The defaults of a declaration. */
const unsaid = {
  limits: [],
  accepts: [],
  errors: [],
  status: 200,
  message: "Operation successful",
  format: envelope,
} as const;
