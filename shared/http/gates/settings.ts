import type { Gate } from "./gate.ts";

/** With wrong settings there are no services. */
export const settings: Gate = {
  name: "settings",
  when: ({ needsNoSettings }) => needsNoSettings !== true,
  errors: () => ["SERVICE_MISCONFIGURED"],
  pass({ context }) {
    void context.services;
  },
};
