import type { Gate } from "./gate.ts";

/** Refuses calls while the settings are wrong: there are no services then. */
export const settings: Gate = {
  name: "settings",
  when: ({ needsNoSettings }) => needsNoSettings !== true,
  errors: () => ["SERVICE_MISCONFIGURED"],
  pass({ context }) {
    void context.services;
  },
};
