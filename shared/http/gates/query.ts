import type { Gate } from "./gate.ts";
import { validate } from "../validate.ts";

/** Reads the parameters of the URL. */
export const query: Gate = {
  name: "query",
  when: (spec) => spec.query !== undefined,
  errors: () => ["VALIDATION_ERROR"],
  pass(call) {
    if (call.spec.query) call.query = validate(readQuery(call.request.url), call.spec.query);
  },
};

/**
 * One that comes more than once is a list. Of the request's own URL, since the host joins doubled ones by a comma elsewhere.
 */
function readQuery(url: string): unknown {
  const parameters = new Map<string, string[]>();
  for (const [name, value] of new URL(url).searchParams) {
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  return Object.fromEntries([...parameters].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}
