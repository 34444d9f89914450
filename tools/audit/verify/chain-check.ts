import { noHash } from "../../../shared/audit/chain/record.ts";
import type { ExportedRecord } from "../exported-record.ts";
import { dayOf, dayOfChain } from "../instants.ts";
import { createPlaceCheck, placeOf, type ChainCheckOptions, type OpenChain } from "./open-chain.ts";
import { createPruning, type Pruning } from "./pruning.ts";
import { isIn, mayLackEnd, mayLackStart } from "./range.ts";
import { faultOf, isErased } from "./record-check.ts";

export interface Tally {
  events: number;
  chains: number;
  erased: number;
  /** Events that no anchor has yet. */
  unprotected: number;
  /** The earliest instant of one of them; empty without any. */
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
 * @param onErased receives each record whose personal part was erased
 */
export function createChainCheck(
  options: ChainCheckOptions,
  onErased: (record: ExportedRecord) => void = () => {},
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
      else if (record.type === "audit.pruned") pruning.see(record, placeOf(record, line));
      if (isErased(record)) onErased(record);
      const chain = chainOf(record, line);
      const isPlaced = places.isNext(chain, record, line);
      if (isPlaced) [chain.seq, chain.hash, chain.time] = [record.seq, record.hash, record.time];
      count(tally, record, isPlaced && places.isAnchored(chain, record, line));
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
    const isFirst = seq <= 1;
    if (!isFirst && !mayLackStart(range, day)) pruning.lacksStart(placeOf(record, line), day);
    const anchored = heads.chain(chain);
    if (anchored) pruning.met(anchored);
    const head = anchored && heads.at(anchored.first);
    const before = isFirst ? { seq: 0, hash: firstPrev } : { seq: seq - 1, hash: record.prev };
    return { chain, day, ...before, time, head, vouched: before.seq };
  };
}

function faultByItself(record: ExportedRecord, { range }: ChainCheckOptions) {
  const text = faultOf(record);
  if (text !== undefined) return { kind: "changed", text } as const;
  if (!isIn(range, record.time)) return { kind: "inserted", text: "its time is none that was asked for" } as const;
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

function count(tally: Tally, record: ExportedRecord, isProtected: boolean): void {
  const { time } = record;
  tally.events += 1;
  if (tally.earliest === "" || time < tally.earliest) tally.earliest = time;
  if (time > tally.latest) tally.latest = time;
  if (isErased(record)) tally.erased += 1;
  if (isProtected) return;
  tally.unprotected += 1;
  if (tally.earliestUnprotected === "" || time < tally.earliestUnprotected) tally.earliestUnprotected = time;
}
