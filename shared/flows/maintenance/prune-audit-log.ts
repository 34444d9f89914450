import { setImmediate } from "node:timers/promises";
import type { CallContext } from "../../context.ts";
import { addSeconds } from "../../platform/clock.ts";
import { repeatable } from "../../platform/database/budget.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { describeError, log } from "../../platform/log.ts";

export interface PruneLimits {
  /** The most events that one statement removes: few enough that SQL Server does not lock the whole table. */
  readonly batchSize: number;
  readonly milliseconds: number;
}

/** With what else the nightly job does, it stays below five minutes. */
const defaultLimits: PruneLimits = { batchSize: 500, milliseconds: 60_000 };

export interface PruneReport {
  /** How many events were removed. */
  readonly events: number;
  /** Whether none is left; otherwise the time ran out. */
  readonly isComplete: boolean;
}

/**
 * Removes the days of the audit log that are older than it is kept, the oldest first. A chain belongs to one day, so whole
 * chains go. An anchor says first what is about to go: events that are missing without that were removed by somebody else.
 * If it cannot be signed, nothing is removed. An event tells people.
 * @throws ApiError DATABASE_UNAVAILABLE; what was removed remains so
 */
export async function pruneAuditLog(context: CallContext, limits = defaultLimits): Promise<PruneReport> {
  const { services, now } = context;
  const { activity, anchors, config } = services;
  const endAt = performance.now() + limits.milliseconds;
  const before = startOfDay(addSeconds(now, -config.audit.keptSeconds));
  if (!(await activity.hasOlder(before))) return { events: 0, isComplete: true };
  try {
    await anchors.anchorRemoval(before, now);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "SIGNING_UNAVAILABLE")) throw error;
    log("warn", "audit.not_pruned", { cause: describeError(error) });
    return { events: 0, isComplete: false };
  }
  // A second run after a lost commit may record it twice, which says nothing wrong.
  await services.transaction(context, (tx) => tx.audit.append({ type: "audit.pruned", before: before.toISOString() }), {
    isRepeatable: true,
  });
  for (let events = 0; ; await setImmediate()) {
    const removed = await repeatable(() => activity.removeOlder(before, limits.batchSize));
    events += removed;
    const isComplete = removed < limits.batchSize;
    if (isComplete || performance.now() > endAt) return { events, isComplete };
  }
}

/** The start of the day in UTC. */
function startOfDay(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / dayMilliseconds) * dayMilliseconds);
}

const dayMilliseconds = 24 * 60 * 60 * 1000;
