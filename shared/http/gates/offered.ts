import { ApiError } from "../../platform/errors/api-error.ts";
import type { Gate } from "./gate.ts";

/** Answers 404 for an endpoint that these settings turn off. */
export const offered: Gate = {
  name: "offered",
  when: (spec) => spec.offered !== undefined,
  errors: () => ["NOT_FOUND"],
  pass({ spec, context }) {
    if (spec.offered?.(context.services.config) === false) throw new ApiError("NOT_FOUND");
  },
};
