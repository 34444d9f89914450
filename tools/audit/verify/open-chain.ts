import type { ExportedRecord } from "../exported-record.ts";
import { dayOf } from "../instants.ts";
import type { AnchoredHead, AnchoredHeads } from "./anchored-heads.ts";
import type { Findings, Place } from "./findings.ts";
import type { PrunedMark } from "./pruned-mark.ts";
import type { Range } from "./range.ts";

/** A chain as far as it was met. */
export interface OpenChain {
  readonly chain: string;
  readonly day: string;
  seq: number;
  hash: string;
  time: string;
  /** The next head that an anchor has of it. */
  head: AnchoredHead | undefined;
  /** The last head of it that must be there. */
  readonly last: AnchoredHead | undefined;
  /** Up to where an anchor vouches for it. */
  vouched: number;
  /** How many records came since. */
  waiting: number;
}

/**
 * What anchors say of a record: one has it; one that is yet to be compared has its chain up to it or further; those that
 * are here do not reach back to it; or none has it.
 */
export type Cover = "proven" | "waiting" | "earlier" | "none";

export interface ChainCheckOptions {
  readonly range: Range;
  readonly findings: Findings;
  readonly heads: AnchoredHeads;
  /** What anchors say was removed because it was old. */
  readonly pruned: PrunedMark;
  /** No record is later than that. */
  readonly until: string;
}

/** Where a record stands. */
export const placeOf = ({ chain, seq, id, time }: ExportedRecord, line: number | undefined): Place => ({
  line,
  chain,
  seq,
  id,
  time,
});

/** What is to be checked of a record that has a place in a chain. */
export function createPlaceCheck({ range, findings, heads }: ChainCheckOptions) {
  const anchoredBefore = heads.anchoredBefore();
  const anchoredFrom = heads.anchoredFrom();
  return {
    /**
     * Whether a record comes after what its chain has so far; if not, it is not the chain's.
     * @param isTime whether its time is an instant
     */
    isNext(
      chain: OpenChain,
      record: ExportedRecord,
      { line, isTime }: { readonly line: number | undefined; readonly isTime: boolean },
    ): boolean {
      const { seq, time } = record;
      const add = (kind: "changed" | "removed" | "inserted" | "reordered", text: string) =>
        findings.add(kind, placeOf(record, line), text);
      if (!isSeq(seq)) {
        add("changed", "its number in the chain is none that the service gives");
        return false;
      }
      if (!(seq > chain.seq)) {
        add("reordered", `it comes after event ${chain.seq} of its chain: it is there twice, or was moved`);
        return false;
      }
      if (seq > chain.seq + 1) {
        if (!range.isFiltered) add("removed", `${events(chain.seq + 1, seq - 1)} missing before it`);
      } else if (record.prev !== chain.hash) add("changed", "it does not continue the event before it");
      if (!isTime) add("changed", "its time is not one that the service writes");
      else if (time < chain.time) add("changed", "it is earlier than the event before it in its chain");
      else if (dayOf(time) !== chain.day) add("inserted", "it is of another day than its chain");
      return true;
    },

    /** Compares a record with the anchor that has its chain up to it. */
    coverOf(chain: OpenChain, record: ExportedRecord, line: number | undefined): Cover {
      while (chain.head && chain.head.count < record.seq) chain.head = heads.at(chain.head.next);
      const { head } = chain;
      const add = (kind: "changed" | "inserted", text: string) => findings.add(kind, placeOf(record, line), text);
      if (!head) {
        if (record.time < anchoredFrom) return "earlier";
        if (anchoredBefore !== undefined && record.time < anchoredBefore)
          add("inserted", "no anchor has it, although some were made since its time");
        return "none";
      }
      if (record.time < head.notBefore)
        add("inserted", `anchor ${head.anchor} is the first that has it: it was added later than its time says`);
      if (head.count > record.seq) return "waiting";
      if (head.hash !== record.hash) {
        const which = events(chain.vouched + 1, record.seq);
        const were = chain.vouched + 1 === record.seq ? "it was" : "they were";
        add("changed", `anchor ${head.anchor} has another hash for it: ${which} not as ${were} anchored`);
      }
      chain.vouched = record.seq;
      chain.head = heads.at(head.next);
      return "proven";
    },

    /** Finds that the end of a chain is missing, which an anchor has. */
    checkEnd({ chain, seq, time, last }: OpenChain): void {
      if (!last || last.count <= seq) return;
      const [first, end] = [seq + 1, last.count];
      const which = first === end ? `its last event ${end} is` : `its last events ${first} to ${end} are`;
      findings.add("removed", { chain, time }, `${which} missing, which anchor ${last.anchor} has`);
    },
  };
}

/** Whether a number is one that the service gives to an event of a chain. */
export const isSeq = (seq: number): boolean => Number.isSafeInteger(seq) && seq >= 1;

const events = (first: number, last: number) =>
  first === last ? `event ${first} is` : `events ${first} to ${last} are`;
