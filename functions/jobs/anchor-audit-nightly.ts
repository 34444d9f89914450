import { anchorAudit, nightly } from "../../shared/flows/maintenance/anchor-audit.ts";
import { timer } from "../../shared/jobs/timer.ts";

/** Every night, before old events are removed: anchors what was left, and takes to the container what is missing there. */
timer({
  name: "anchor-audit-nightly",
  schedule: "0 15 3 * * *",
  run: async ({ context }) => ({ ...(await anchorAudit(context, nightly)) }),
});
