import { noHash } from "../../../shared/audit/chain/record.ts";
import type { ExportedRecord } from "../exported-record.ts";
import { dayOf, dayOfChain, isInstant } from "../instants.ts";
import { createPlaceCheck, isSeq, placeOf, type ChainCheckOptions, type Cover, type OpenChain } from "./open-chain.ts";
import { createPruning, type Pruning } from "./pruning.ts";
import { isChosen, isIn, mayLackEnd, mayLackStart } from "./range.ts";
import { faultOf, isErased } from "./record-check.ts";

export interface Tally {
  events: number;
  chains: number;
  erased: number;
  /** Events that nothing proves: no anchor that is here has them, or what links them to one is not here. */
  unprotected: number;
  /** The earliest instant of one that should be in an anchor soon; empty without any. */
  earliestUnprotected: string;
  /** The earliest and latest instant of an event; empty without any. */
  earliest: string;
  latest: string;
}

/** Checks records, each after the one before it in its chain; chains may alternate. */
export interface ChainCheck {
  readonly tally: Readonly<Tally>;
  readonly pruning: Pruning;
  see(record: ExportedRecord, line?: number): void;
  /** No record of this chain comes any more. */
  endChain(chain: string): void;
  /** No record of a day before this one comes any more. */
  endDaysBefore(day: string): void;
  /** No record comes any more. */
  finish(): void;
}

/**
 * Checks chains of records against themselves and against the heads that anchors have. In memory are the chains that
 * have not ended.
 * @param onRecord receives each record
 */
export function createChainCheck(
  options: ChainCheckOptions,
  onRecord: (record: ExportedRecord, line: number | undefined) => void = () => {},
): ChainCheck {
  const { range } = options;
  const open = new Map<string, OpenChain>();
  const tally = newTally();
  const pruning = createPruning(options);
  const places = createPlaceCheck(options);
  const begin = createBegin(options, pruning);
  const end = (chain: OpenChain) => {
    open.delete(chain.chain);
    tally.chains += 1;
    tally.unprotected += chain.waiting;
    if (!mayLackEnd(range, chain.day)) places.checkEnd(chain);
  };
  const chainOf = (record: ExportedRecord, line: number | undefined) => {
    const known = open.get(record.chain);
    if (known) return known;
    const begun = begin(record, line);
    open.set(record.chain, begun);
    return begun;
  };
  return {
    tally,
    pruning,
    see(record, line) {
      const fault = faultByItself(record, options);
      if (fault) options.findings.add(fault.kind, placeOf(record, line), fault.text);
      onRecord(record, line);
      const chain = chainOf(record, line);
      const isTime = isInstant(record.time);
      const isPlaced = places.isNext(chain, record, { line, isTime });
      if (isPlaced) {
        chain.seq = record.seq;
        chain.hash = record.hash;
        chain.time = record.time;
      }
      const cover = isPlaced ? places.coverOf(chain, record, line) : "none";
      // In a filtered export nothing links a record to the next one.
      if (cover === "waiting" && !range.isFiltered) chain.waiting += 1;
      if (cover === "proven") chain.waiting = 0;
      count(tally, record, { isTime, cover: cover === "waiting" && range.isFiltered ? "earlier" : cover });
    },
    endChain(name) {
      const chain = open.get(name);
      if (chain) end(chain);
    },
    endDaysBefore(day) {
      for (const chain of open.values()) if (chain.day < day) end(chain);
    },
    finish() {
      for (const chain of open.values()) end(chain);
      pruning.finish();
    },
  };
}

const firstPrev = noHash.toString("base64url");

/** Begins a chain with the first of its records that is there. */
function createBegin({ range, findings, heads }: ChainCheckOptions, pruning: Pruning) {
  return (record: ExportedRecord, line: number | undefined): OpenChain => {
    const { chain, seq, time } = record;
    const day = dayOf(time);
    if (dayOfChain(chain) !== day)
      findings.add("inserted", placeOf(record, line), "its chain is of another day, as the chain's id tells");
    const isFirst = !isSeq(seq) || seq === 1;
    if (!isFirst && !mayLackStart(range, day)) pruning.lacksStart(placeOf(record, line), day);
    const anchored = heads.chain(chain);
    if (anchored) pruning.met(anchored);
    const head = anchored && heads.at(anchored.first);
    const last = anchored && heads.lastOf(anchored, range.madeAt);
    const before = isFirst ? { seq: 0, hash: firstPrev } : { seq: seq - 1, hash: record.prev };
    return { chain, day, ...before, time, head, last, vouched: before.seq, waiting: 0 };
  };
}

function faultByItself(record: ExportedRecord, { range, until }: ChainCheckOptions) {
  const text = faultOf(record);
  if (text !== undefined) return { kind: "changed", text } as const;
  if (!isIn(range, record.time)) return { kind: "inserted", text: "its time is none that was asked for" } as const;
  if (!isChosen(range, record)) return { kind: "inserted", text: "it is none that was asked for" } as const;
  if (record.time > until) return { kind: "inserted", text: "its time is yet to come" } as const;
  return undefined;
}

const newTally = (): Tally => ({
  events: 0,
  chains: 0,
  erased: 0,
  unprotected: 0,
  earliestUnprotected: "",
  earliest: "",
  latest: "",
});

function count(tally: Tally, record: ExportedRecord, { isTime, cover }: { isTime: boolean; cover: Cover }): void {
  const { time } = record;
  tally.events += 1;
  if (isTime && (tally.earliest === "" || time < tally.earliest)) tally.earliest = time;
  if (isTime && time > tally.latest) tally.latest = time;
  if (isErased(record)) tally.erased += 1;
  if (cover === "proven" || cover === "waiting") return;
  tally.unprotected += 1;
  if (cover === "earlier" || !isTime) return;
  if (tally.earliestUnprotected === "" || time < tally.earliestUnprotected) tally.earliestUnprotected = time;
}
