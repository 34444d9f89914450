import { limitKeys } from "../limit-keys.ts";
import type { Gate } from "./gate.ts";
import { limits, refuse } from "./limits.ts";

/**
 * Refuses a call from a device or network that is known to be at its limit, before its session is read. Calls without a
 * session are refused by `limits` as cheaply; a body may name their device.
 */
export const remembered: Gate = {
  name: "remembered",
  when: (spec) => spec.access === "session" && limits.when(spec),
  errors: () => ["RATE_LIMITED"],
  refused: "by_itself",
  pass(call) {
    const { context } = call;
    const known = context.services.limiter.recall(limitKeys(call), context);
    if (known) refuse(call, [known]);
  },
};
