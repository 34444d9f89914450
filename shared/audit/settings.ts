import { section, type Part } from "../platform/settings/section.ts";
import { days } from "../platform/settings/types.ts";

/** What people see of what happened to their account. */
export const activitySettings = section({
  title: "Activity",
  settings: {
    keptSeconds: {
      name: "ACTIVITY_KEEP_DAYS",
      type: days(1, 3650),
      default: "180",
      unit: "days",
      about: "How long `GET /auth/me/activity` shows an event; older ones are removed every night.",
    },
  },
});

export type ActivitySettings = Part<typeof activitySettings>;
