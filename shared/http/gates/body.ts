import type { Gate } from "./gate.ts";

/** Reads the body in the endpoint's format. */
export const body: Gate = {
  name: "body",
  when: (spec) => spec.body !== undefined,
  errors: ({ format }) => format.body.errors,
  async pass(call) {
    const { spec, request, context } = call;
    const { bodyLimitBytes } = context.services.config.http;
    if (spec.body) call.body = await spec.format.body.read(request, spec.body, bodyLimitBytes);
  },
};
