import { parseObject, type ExportedRecord } from "../exported-record.ts";
import { dayMilliseconds, dayOfChain } from "../instants.ts";
import type { AnchoredChain, AnchoredHeads } from "./anchored-heads.ts";
import type { Findings, Place } from "./findings.ts";
import { isExpected, type Range } from "./range.ts";

/** Tells what the service removed because it was old from what somebody removed. */
export interface Pruning {
  /** Everything from before this instant may be gone; empty if nothing was pruned. */
  readonly before: string;
  /** Chains of which only the heads are known, in anchors, and how many events they had. */
  readonly chains: number;
  readonly events: number;
  /** How long events were kept at least, in days. */
  readonly leastDays: number;
  /** Takes an event that says what is pruned from now on. */
  see(record: ExportedRecord, place: Place): void;
  /** An anchored chain is there, or a part of it. */
  met(chain: AnchoredChain): void;
  /** A chain of this day begins after its first record. */
  lacksStart(place: Place, day: string): void;
  /** Judges what is missing: no record comes any more. */
  finish(): void;
}

/** The shortest time that `AUDIT_RETENTION_DAYS` takes. */
const shortestDays = 30;

interface PruningOptions {
  readonly findings: Findings;
  readonly heads: AnchoredHeads;
  readonly range: Range;
}

/** The event that says what was pruned comes later than what is missing, so that is judged at the end. */
export function createPruning({ findings, heads, range }: PruningOptions): Pruning {
  const withoutStart: (Place & { readonly day: string })[] = [];
  const present = new Set<AnchoredChain>();
  const found = { before: "", chains: 0, events: 0, leastDays: Infinity };
  const isPruned = (day: string) => day !== "" && day < found.before.slice(0, 10);
  return Object.assign(found, {
    see({ details, time }: ExportedRecord, place: Place) {
      const before = Date.parse(String(parseObject(details ?? "")?.["before"]));
      const days = (Date.parse(time) - before) / dayMilliseconds;
      if (!(days >= shortestDays)) {
        findings.add("inserted", place, `it says that events were removed that were not ${shortestDays} days old`);
        return;
      }
      found.leastDays = Math.min(found.leastDays, Math.floor(days));
      const instant = new Date(before).toISOString();
      if (instant > found.before) found.before = instant;
    },
    met(chain: AnchoredChain) {
      present.add(chain);
    },
    lacksStart(place: Place, day: string) {
      withoutStart.push({ ...place, day });
    },
    finish() {
      for (const { day, ...place } of withoutStart)
        if (!isPruned(day))
          findings.add("removed", place, "it is the first of its chain that is there: those before it are missing");
      if (range.isFiltered) return;
      for (const [chain, anchored] of heads.chains()) {
        const day = dayOfChain(chain);
        const head = present.has(anchored) || !isExpected(range, day) ? undefined : heads.at(anchored.last);
        if (!head) continue;
        if (!isPruned(day)) {
          const text = `all ${head.count} of its events that anchor ${head.anchor} has are missing`;
          findings.add("removed", { chain, time: day }, text);
          continue;
        }
        found.chains += 1;
        found.events += head.count;
      }
    },
  });
}
