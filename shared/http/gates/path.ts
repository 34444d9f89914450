import { ApiError } from "../../platform/errors/api-error.ts";
import type { PathParameter } from "../path-parameters.ts";
import type { Gate } from "./gate.ts";

/** Parses the path parameters: the only place where ids in paths are checked. */
export const path: Gate = {
  name: "path",
  when: (spec) => spec.path !== undefined,
  errors: (spec) => Object.values(spec.path ?? {}).map(({ otherwise }) => otherwise),
  pass(call) {
    const { params } = call.request;
    const parameters = Object.entries(call.spec.path ?? {});
    call.path = Object.fromEntries(parameters.map(([name, parameter]) => [name, read(parameter, params[name])]));
  },
};

function read({ schema, otherwise }: PathParameter, text: string | undefined): unknown {
  const parsed = schema.safeParse(text);
  if (!parsed.success) throw new ApiError(otherwise);
  return parsed.data;
}
