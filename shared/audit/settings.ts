import { section, type Part } from "../platform/settings/section.ts";
import { days } from "../platform/settings/types.ts";

/** How long the audit log is kept. */
export const auditSettings = section({
  title: "Audit log",
  settings: {
    keptSeconds: {
      name: "AUDIT_RETENTION_DAYS",
      type: days(30, 3650),
      default: "400",
      unit: "days",
      about:
        "How long the audit log keeps an event, and `GET /auth/me/activity` shows it; older days are removed every night.",
    },
  },
  former: { ACTIVITY_KEEP_DAYS: "AUDIT_RETENTION_DAYS" },
});

export type AuditSettings = Part<typeof auditSettings>;
