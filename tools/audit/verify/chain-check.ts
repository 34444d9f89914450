import { noHash } from "../../../shared/audit/chain/record.ts";
import type { ExportedRecord } from "../exported-record.ts";
import { dayOf, dayOfChain, endOf, isInstant, startOf } from "../instants.ts";
import type { AnchoredHead, AnchoredHeads } from "./anchored-heads.ts";
import type { Findings, Place } from "./findings.ts";
import { createPruning, type Pruning } from "./pruning.ts";
import { faultOf, isErased } from "./record-check.ts";

/** Which records there are to be expected. */
export interface Range {
  /** Those from this instant on; undefined for all. */
  readonly from: string | undefined;
  /** Those before this instant. */
  readonly to: string | undefined;
  /** Whether some were chosen by type or account: then a gap says nothing. */
  readonly isFiltered: boolean;
}

export interface ChainCheckOptions {
  readonly range: Range;
  readonly findings: Findings;
  readonly heads: AnchoredHeads;
  /** Records from before this instant should be in an anchor; undefined without anchors. */
  readonly anchoredBefore: string | undefined;
  /** Receives each record whose personal part was erased. */
  readonly onErased?: (record: ExportedRecord) => void;
}

export interface Tally {
  events: number;
  chains: number;
  erased: number;
  /** Events that no anchor has yet. */
  unprotected: number;
  /** The earliest and latest instant of an event; empty without any. */
  earliest: string;
  latest: string;
}

/** Checks records, each after the one before it in its chain; chains may alternate. */
export interface ChainCheck {
  readonly tally: Readonly<Tally>;
  readonly pruning: Pruning;
  see(record: ExportedRecord, line?: number): void;
  /** No record of this chain comes any more, or of any chain of a day before `day`. */
  end(which: { readonly chain: string } | { readonly beforeDay: string }): void;
  /** No record comes any more. */
  finish(): void;
}

/** A chain as far as it was met. */
interface OpenChain {
  readonly chain: string;
  readonly day: string;
  seq: number;
  hash: string;
  time: string;
  /** The next head that an anchor has of it. */
  head: AnchoredHead | undefined;
  /** Up to where an anchor vouches for it. */
  vouched: number;
}

/** Checks chains of records against themselves and against the heads that anchors have. */
export function createChainCheck(options: ChainCheckOptions): ChainCheck {
  const { range, findings, heads, onErased } = options;
  const open = new Map<string, OpenChain>();
  const tally: Tally = { events: 0, chains: 0, erased: 0, unprotected: 0, earliest: "", latest: "" };
  const pruning = createPruning(options);
  const begin = (record: ExportedRecord, place: () => Place): OpenChain => {
    const day = dayOf(record.time);
    if (dayOfChain(record.chain) !== day)
      findings.add("inserted", place(), "its chain was not made on its day, as the chain's id tells");
    const isFirst = record.seq === 1;
    if (!isFirst && !mayLackStart(range, day)) pruning.lacksStart(place(), day);
    const anchored = heads.chain(record.chain);
    if (anchored) anchored.isMet = true;
    const head = anchored && heads.at(anchored.first);
    const hash = isFirst ? firstPrev : record.prev;
    tally.chains += 1;
    return { chain: record.chain, day, seq: record.seq - 1, hash, time: record.time, head, vouched: 0 };
  };
  const endChain = (chain: OpenChain) => {
    open.delete(chain.chain);
    if (chain.head && !mayLackEnd(range, chain.day)) cutOff(chain, options);
  };
  return {
    tally,
    pruning,
    see(record, line) {
      const place = () => ({ line, chain: record.chain, seq: record.seq, id: record.id, time: record.time });
      count(tally, record);
      const fault = faultOf(record);
      if (fault !== undefined) findings.add("changed", place(), fault);
      else if (record.type === "audit.pruned") pruning.see(record, place());
      if (!isIn(range, record.time)) findings.add("inserted", place(), "its time is none that was asked for");
      if (isErased(record)) {
        tally.erased += 1;
        onErased?.(record);
      }
      let chain = open.get(record.chain);
      if (!chain) open.set(record.chain, (chain = begin(record, place)));
      if (!isNext(chain, record, { ...options, place })) return;
      [chain.seq, chain.hash, chain.time] = [record.seq, record.hash, record.time];
      if (!compareWithAnchors(chain, record, { ...options, place })) tally.unprotected += 1;
    },
    end(which) {
      if ("chain" in which) {
        const chain = open.get(which.chain);
        if (chain) endChain(chain);
      } else for (const chain of open.values()) if (chain.day < which.beforeDay) endChain(chain);
    },
    finish() {
      for (const chain of open.values()) endChain(chain);
      pruning.finish();
    },
  };
}

const firstPrev = noHash.toString("base64url");

function count(tally: Tally, { time }: ExportedRecord): void {
  tally.events += 1;
  if (tally.earliest === "" || time < tally.earliest) tally.earliest = time;
  if (time > tally.latest) tally.latest = time;
}

const isIn = ({ from, to }: Range, time: string) => (from === undefined || time >= from) && (to === undefined || time < to);

/** Whether records may be missing at the start or end of a chain of this day, because nobody asked for all of the day. */
const mayLackStart = ({ from, isFiltered }: Range, day: string) => isFiltered || (from !== undefined && from > startOf(day));
const mayLackEnd = ({ to, isFiltered }: Range, day: string) => isFiltered || (to !== undefined && to < endOf(day));

/** Whether a chain of this day must be there, and whole. */
export const isExpected = (range: Range, day: string): boolean =>
  day === "" ? range.from === undefined : !mayLackStart(range, day) && !mayLackEnd(range, day);

interface Seeing extends ChainCheckOptions {
  readonly place: () => Place;
}

/** Whether a record comes after what its chain has so far; if not, the chain stays as it is. */
function isNext(chain: OpenChain, record: ExportedRecord, { findings, range, place }: Seeing): boolean {
  const { seq, time } = record;
  if (seq <= chain.seq) {
    findings.add("reordered", place(), `it comes after event ${chain.seq} of its chain: it is there twice, or was moved`);
    return false;
  }
  if (seq > chain.seq + 1) {
    if (!range.isFiltered) findings.add("removed", place(), `${events(chain.seq + 1, seq - 1)} of its chain missing before it`);
  } else if (record.prev !== chain.hash) findings.add("changed", place(), "it does not continue the event before it");
  if (!isInstant(time)) findings.add("changed", place(), "its time is not one that the service writes");
  else if (time < chain.time) findings.add("changed", place(), "it is earlier than the event before it in its chain");
  else if (dayOf(time) !== chain.day) findings.add("inserted", place(), "it is of another day than its chain");
  return true;
}

/** Compares a chain with the anchor that has it up to this record. @returns whether any anchor covers the record */
function compareWithAnchors(chain: OpenChain, record: ExportedRecord, { findings, heads, anchoredBefore, place }: Seeing): boolean {
  while (chain.head && chain.head.count < record.seq) chain.head = heads.at(chain.head.next);
  const { head } = chain;
  if (!head) {
    if (anchoredBefore !== undefined && record.time < anchoredBefore)
      findings.add("inserted", place(), "no anchor has it, although some were made since its time");
    return false;
  }
  if (record.time < head.notBefore)
    findings.add("inserted", place(), `anchor ${head.anchor} is the first that has it: it was added later than its time says`);
  if (head.count > record.seq) return true;
  if (head.hash !== record.hash)
    findings.add("changed", place(), `anchor ${head.anchor} has another hash for it: ${events(chain.vouched + 1, record.seq)} not as they were`);
  chain.vouched = record.seq;
  chain.head = heads.at(head.next);
  return true;
}

/** The end of a chain is missing. */
function cutOff({ chain, seq, head, time }: OpenChain, { findings, heads }: ChainCheckOptions): void {
  const last = heads.at(heads.chain(chain)?.last ?? -1);
  if (!head || !last) return;
  const place = { chain, seq: seq + 1, time };
  findings.add("removed", place, `${events(seq + 1, last.count)} missing at its end, which anchor ${last.anchor} has`);
}

const events = (first: number, last: number) => (first === last ? `event ${first} is` : `events ${first} to ${last} are`);
