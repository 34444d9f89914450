import type * as z from "zod";
import type { ErrorCode } from "../platform/errors/table.ts";

/** A path parameter: its schema, and the error code if it does not match. */
export interface PathParameter<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  readonly otherwise: ErrorCode;
}
export type PathParameters = Readonly<Record<string, PathParameter>>;

/** The names of the parameters of a route: `auth/oauth/{provider}` has `provider`. */
export type NamesIn<Route extends string> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** Checks the path schemas against the route's parameters: one for each, and no others. */
export type PathOf<Route extends string, P> = [NamesIn<Route>] extends [never]
  ? { readonly path?: never }
  : {
      readonly path: Readonly<Record<NamesIn<Route>, PathParameter> & Record<Exclude<keyof P, NamesIn<Route>>, never>>;
    };
