// What verifying an export and verifying the database have in common.
import { addSeconds, leewaySeconds } from "../../../shared/platform/clock.ts";
import type { ProgressStream } from "../progress.ts";
import type { NotedAnchor } from "../words.ts";
import { checkAnchors, type CheckedAnchors, type KeptAnchor } from "./anchor-check.ts";
import { keptAnchors } from "./anchor-sources.ts";
import { AnchoredHeads } from "./anchored-heads.ts";
import { createChainCheck, type ChainCheck } from "./chain-check.ts";
import { createErasures, type Erasures } from "./erasures.ts";
import type { Findings } from "./findings.ts";
import { createFindKeys, type KnownKeys } from "./keys.ts";
import { nothingPruned } from "./pruned-mark.ts";
import type { Range } from "./range.ts";

export interface Verifying {
  /** Receives each line as soon as it is known. */
  readonly print: (line: string) => void;
  readonly progress: ProgressStream;
  readonly now: Date;
}

export interface Evidence {
  /** A file or a folder. */
  readonly anchors?: string | undefined;
  readonly keys?: string | undefined;
  /** An anchor that somebody took down. */
  readonly anchor?: NotedAnchor | undefined;
}

interface Checks {
  readonly range: Range;
  readonly findings: Findings;
  readonly anchors: CheckedAnchors | undefined;
  /** When the events were read. */
  readonly at: Date;
}

export function createChecks({ range, findings, anchors, at }: Checks): {
  readonly chains: ChainCheck;
  readonly erasures: Erasures;
} {
  const until = addSeconds(at, leewaySeconds).toISOString();
  const pruned = anchors?.prunedAt(range.madeAt === undefined ? undefined : until) ?? nothingPruned;
  const erasures = createErasures({ findings, range, pruned, at });
  const heads = anchors?.heads ?? new AnchoredHeads();
  const chains = createChainCheck({ range, findings, heads, pruned, until }, erasures.see);
  return { chains, erasures };
}

interface AnchorChecking {
  readonly findings: Findings;
  readonly known: KnownKeys | undefined;
  readonly now: Date;
  readonly mayBeginLater?: boolean;
}

export const check = (
  anchors: AsyncIterable<KeptAnchor> | Iterable<KeptAnchor>,
  { known, ...options }: AnchorChecking,
): Promise<CheckedAnchors> => checkAnchors(anchors, { ...options, findKeys: createFindKeys(known) });

/** Anchors that were kept elsewhere: all, or some from a number on. @throws Error with a line to print, if there are none */
export async function readKept(place: string, options: AnchorChecking): Promise<CheckedAnchors> {
  const before = options.findings.count();
  const kept = await check(keptAnchors(place, options.findings), { ...options, mayBeginLater: true });
  if (kept.count === 0 && options.findings.count() === before) throw new Error(`${place} has no anchors`);
  return kept;
}

export function compareNoted({ number, digest }: NotedAnchor, { digests }: CheckedAnchors, findings: Findings): void {
  const found = digests.get(number);
  if (found === digest) return;
  const what = found === undefined ? "is missing" : `is not the one that was taken down: its SHA-256 is ${found}`;
  findings.add("anchor", {}, `anchor ${number} ${what}`);
}

/** The longest time after which an event is in an anchor: the nightly job makes one if nothing else has. */
const anchoredWithinMilliseconds = 25 * 60 * 60 * 1000;

/** Without the newest anchors, the newest events look as if they had just been written. @param at when they were read */
export function judgeOldest({ tally }: ChainCheck, findings: Findings, at: Date): void {
  const oldest = Date.parse(tally.earliestUnprotected);
  if (!(at.getTime() - oldest > anchoredWithinMilliseconds)) return;
  const text = `no anchor has events since ${tally.earliestUnprotected}: none could be made, or the newest were removed`;
  findings.add("anchor", {}, text);
}
