import { networkKeys } from "../limit-keys.ts";
import type { Gate } from "./gate.ts";
import { limits, refuse } from "./limits.ts";

/** Refuses a call from a network that is known to be at its limit, before anything is read for it. */
export const remembered: Gate = {
  name: "remembered",
  when: limits.when,
  errors: () => ["RATE_LIMITED"],
  refused: "by_itself",
  pass(call) {
    const { context } = call;
    const known = context.services.limiter.recall(networkKeys(call), context);
    if (known) refuse(call, [known]);
  },
};
