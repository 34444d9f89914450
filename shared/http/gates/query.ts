import type { Gate } from "./gate.ts";
import { validate } from "../validate.ts";

/** Parses the query parameters. */
export const query: Gate = {
  name: "query",
  when: (spec) => spec.query !== undefined,
  errors: () => ["VALIDATION_ERROR"],
  pass(call) {
    if (call.spec.query) call.query = validate(readQuery(call.request.url), call.spec.query);
  },
};

/**
 * A repeated parameter becomes a list. Reads the request's own URL, because the host joins repeated ones with a comma
 * elsewhere.
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
