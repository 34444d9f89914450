import { anchorQueue } from "../../shared/audit/anchors/anchors.ts";
import { anchorOnReminder } from "../../shared/flows/maintenance/anchor-audit.ts";
import { queueFunction } from "../../shared/jobs/queue.ts";

/** Anchors the audit log some minutes after events were kept, when a message says so. */
queueFunction({
  name: "anchor-audit",
  queue: anchorQueue,
  run: ({ context, entry }) => anchorOnReminder(context, entry),
});
