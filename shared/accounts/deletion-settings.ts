import { section, type Part } from "../platform/settings/section.ts";
import { days } from "../platform/settings/types.ts";

/** How accounts are deleted. */
export const deletionSettings = section({
  title: "Deletion of accounts",
  settings: {
    graceSeconds: {
      name: "ACCOUNT_DELETION_GRACE_DAYS",
      type: days(0, 365),
      default: "30",
      unit: "days",
      about:
        "How long a deleted account can be restored by its owner. The nightly timer then erases it, but never while a link could still undo a change of its address, or while an access token of it is valid.",
    },
  },
});

export type DeletionSettings = Part<typeof deletionSettings>;
