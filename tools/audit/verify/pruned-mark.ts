import type { Anchor } from "../../../shared/audit/anchors/anchor.ts";
import { dayMilliseconds } from "../instants.ts";

/** What anchors say of what the service has removed because it was old. Events prove nothing of it: anyone who can insert writes one. */
export interface PrunedMark {
  /** Everything from before this instant may be gone; empty if nothing was removed. */
  readonly before: string;
  /** How long events were kept at least, in days. */
  readonly leastDays: number;
}

export const nothingPruned: PrunedMark = { before: "", leastDays: Infinity };

/** The shortest time that `AUDIT_RETENTION_DAYS` takes. */
const shortestDays = 30;

/** Reads the mark from anchors in their order. */
export function createPrunedMark() {
  const mark: { before: string; leastDays: number } = { ...nothingPruned };
  return {
    mark: mark as PrunedMark,
    /** @returns what is wrong with what an anchor says */
    see({ pruned, time }: Pick<Anchor, "pruned" | "time">): string | undefined {
      const before = pruned ?? "";
      if (before < mark.before) return "says that less was removed as old than an anchor before it says";
      if (before === mark.before) return undefined;
      const days = Math.floor((Date.parse(time) - Date.parse(before)) / dayMilliseconds);
      if (!(days >= shortestDays)) return `says that events were removed as old that were not ${shortestDays} days old`;
      mark.before = before;
      mark.leastDays = Math.min(mark.leastDays, days);
      return undefined;
    },
  };
}
