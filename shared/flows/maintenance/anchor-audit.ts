import type { AnchorReport, Reach } from "../../audit/anchors/anchors.ts";
import type { CallContext } from "../../context.ts";
import type { LogFields } from "../../platform/log.ts";

/** What the nightly job looks at: events of calls that took longer than anchors reckon with, and blobs that are missing. */
export const nightly: Reach = { lookBackSeconds: 2 * 24 * 60 * 60, milliseconds: 100_000 };

/**
 * Anchors the audit log: signs the heads of all chains that have grown, and takes to the container what is missing there.
 * @throws ApiError DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
 */
export function anchorAudit({ services: { anchors }, now }: CallContext, reach?: Reach): Promise<AnchorReport> {
  return anchors.anchor(now, reach);
}

/**
 * Anchors what a reminder is about.
 * @param entry a message of the queue: the instant until which it counts
 * @returns what to log
 * @throws ApiError DATABASE_UNAVAILABLE: the message must come again
 */
export async function anchorOnReminder({ services, now }: CallContext, entry: unknown): Promise<LogFields> {
  const until = new Date(typeof entry === "string" ? entry : Number.NaN);
  const outcome = await services.anchors.onReminder(Number.isNaN(until.getTime()) ? undefined : until, now);
  return typeof outcome === "string" ? { outcome } : { ...outcome };
}
