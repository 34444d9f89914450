import { dayOfChain } from "../instants.ts";
import type { AnchoredChain, AnchoredHeads } from "./anchored-heads.ts";
import type { Findings, Place } from "./findings.ts";
import type { PrunedMark } from "./pruned-mark.ts";
import { isExpected, type Range } from "./range.ts";

/** Tells what the service removed because it was old from what somebody removed. */
export interface Pruning extends PrunedMark {
  /** Chains of which only the heads are known, in anchors, and how many events they had. */
  readonly chains: number;
  readonly events: number;
  /** An anchored chain is there, or a part of it. */
  met(chain: AnchoredChain): void;
  /** A chain of this day begins after its first record. */
  lacksStart(place: Place, day: string): void;
  /** Judges what is missing: no record comes any more. */
  finish(): void;
}

interface PruningOptions {
  readonly findings: Findings;
  readonly heads: AnchoredHeads;
  readonly range: Range;
  readonly pruned: PrunedMark;
}

export function createPruning({ findings, heads, range, pruned }: PruningOptions): Pruning {
  const present = new Set<AnchoredChain>();
  const found = { ...pruned, chains: 0, events: 0 };
  const isPruned = (day: string) => day !== "" && day < pruned.before.slice(0, 10);
  return Object.assign(found, {
    met(chain: AnchoredChain) {
      present.add(chain);
    },
    lacksStart(place: Place, day: string) {
      if (!isPruned(day))
        findings.add("removed", place, "it is the first of its chain that is there: those before it are missing");
    },
    finish() {
      if (range.isFiltered) return;
      for (const [chain, anchored] of heads.chains()) {
        const day = dayOfChain(chain);
        if (present.has(anchored) || !isExpected(range, day)) continue;
        const head = heads.lastOf(anchored, range.madeAt);
        if (!head) continue;
        if (!isPruned(day)) {
          const which = head.count === 1 ? "its only event" : `all ${head.count} of its events`;
          const text = `${which} that anchor ${head.anchor} has ${head.count === 1 ? "is" : "are"} missing`;
          findings.add("removed", { chain, time: day }, text);
          continue;
        }
        found.chains += 1;
        found.events += head.count;
      }
    },
  });
}
