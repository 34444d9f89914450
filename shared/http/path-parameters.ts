import type * as z from "zod";
import type { ErrorCode } from "../platform/errors/table.ts";

/** A parameter of a path: what it must be, and the code that anything else is answered with. */
export interface PathParameter<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  readonly otherwise: ErrorCode;
}
export type PathParameters = Readonly<Record<string, PathParameter>>;

/** The names of the parameters of a route: `auth/oauth/{provider}` has `provider`. */
export type NamesIn<Route extends string> = Route extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** Holds the schemas of the path against the parameters of the route: one for each, and no other. */
export type PathOf<Route extends string, P> = [NamesIn<Route>] extends [never]
  ? { readonly path?: never }
  : {
      readonly path: Readonly<Record<NamesIn<Route>, PathParameter> & Record<Exclude<keyof P, NamesIn<Route>>, never>>;
    };
