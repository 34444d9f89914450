import type * as z from "zod";
import { validate } from "./body.ts";

/**
 * Reads the parameters of a URL and checks them against `schema`: one that comes more than once is a list. Of the request's
 * own URL, since the host joins doubled ones by a comma elsewhere.
 * @throws ApiError VALIDATION_ERROR
 */
export function readQuery<S extends z.ZodType>(url: string, schema: S): z.output<S> {
  const parameters = new Map<string, string[]>();
  for (const [name, value] of new URL(url).searchParams) {
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  const query = [...parameters].map(([name, values]) => [name, values.length === 1 ? values[0] : values]);
  return validate(Object.fromEntries(query), schema);
}
