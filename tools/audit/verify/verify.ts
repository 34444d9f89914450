import { createAccountAdministration } from "../../../shared/accounts/administration.ts";
import { createAuditAdministration } from "../../../shared/audit/administration.ts";
import { lateSeconds } from "../../../shared/audit/lateness.ts";
import { addSeconds, leewaySeconds } from "../../../shared/platform/clock.ts";
import type { Services } from "../../../shared/services.ts";
import { createProgress, type ProgressStream } from "../progress.ts";
import { storedRecord } from "../stored-record.ts";
import type { NotedAnchor } from "../words.ts";
import { checkAnchors, judgeNewest, type CheckedAnchors, type KeptAnchor } from "./anchor-check.ts";
import { keptAnchors, storedAnchors } from "./anchor-sources.ts";
import { AnchoredHeads } from "./anchored-heads.ts";
import { createChainCheck, type ChainCheck } from "./chain-check.ts";
import { checkDatabase } from "./database-source.ts";
import { createErasures, type Erasures } from "./erasures.ts";
import { openExport } from "./export-source.ts";
import { createFindings, findingLine, type Findings } from "./findings.ts";
import { createFindKeys, readKeys, type KnownKeys } from "./keys.ts";
import { reportLines } from "./report.ts";
import type { Range } from "./range.ts";
import { serviceKeys } from "./service-keys.ts";
import { nothingPruned } from "./pruned-mark.ts";

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

/** Verifies an export, with nothing but files. @returns whether all fits @throws Error with a line to print */
export async function verifyExport(
  { export: file, anchors: place, keys, anchor: noted }: Evidence & { readonly export: string },
  { print, progress, now }: Verifying,
): Promise<boolean> {
  const findings = createFindings((finding) => print(findingLine(finding)));
  const known = keys === undefined ? undefined : readKeys(keys);
  if (noted && place === undefined) throw new Error("--anchor needs --anchors to compare it with, or the database");
  const anchors = place === undefined ? undefined : await readKept(place, { findings, known, now });
  if (anchors) judgeNewest(anchors, findings, known !== undefined);
  if (anchors && noted) compareNoted(noted, anchors, findings);
  const told = createProgress(progress);
  const { chains, asked, erasures } = checkExport(file, {
    findings,
    anchors,
    now,
    onProgress: (done) => told(() => `${Math.floor(100 * done)} % of ${file} verified`),
  });
  told.done();
  const untold = await erasures.judge();
  const about = { chains, anchors, asked, areKeysKnown: known !== undefined, untold, findings };
  for (const line of reportLines(about)) print(line);
  return findings.count() === 0;
}

interface ExportCheck {
  readonly findings: Findings;
  readonly anchors: CheckedAnchors | undefined;
  readonly now: Date;
  readonly onProgress?: (done: number) => void;
}

/** Checks the events of an export against each other and against anchors. @throws Error with a line to print */
export function checkExport(file: string, { findings, anchors, now, onProgress = () => {} }: ExportCheck) {
  const source = openExport(file, findings);
  const { from, to, type, account, at } = source.asked;
  const range = {
    from: from ?? undefined,
    to: to ?? undefined,
    type: type ?? undefined,
    account: account ?? undefined,
    isFiltered: type !== null || account !== null,
  };
  const isToCome = Date.parse(at) > addSeconds(now, leewaySeconds).getTime();
  if (isToCome) findings.add("changed", { line: 1 }, `it says that it was exported at ${at}, which is yet to come`);
  const made = isToCome ? now : new Date(at);
  const { chains, erasures } = createChecks({ range, findings, anchors, at: made });
  source.check(chains, onProgress);
  chains.finish();
  const { latest } = chains.tally;
  if (anchors?.newest) judgeOldest(chains, findings, latest > made.toISOString() ? new Date(latest) : made);
  return { chains, erasures, asked: source.asked };
}

interface Checks {
  readonly range: Range;
  readonly findings: Findings;
  readonly anchors: CheckedAnchors | undefined;
  /** When the events were read. */
  readonly at: Date;
}

function createChecks({ range, findings, anchors, at }: Checks): {
  readonly chains: ChainCheck;
  readonly erasures: Erasures;
} {
  const pruned = anchors?.pruned ?? nothingPruned;
  const erasures = createErasures({ findings, range, pruned, at });
  const until = addSeconds(at, leewaySeconds).toISOString();
  const heads = anchors?.heads ?? new AnchoredHeads();
  const chains = createChainCheck({ range, findings, heads, pruned, until }, (record, line) =>
    erasures.see(record, line),
  );
  return { chains, erasures };
}

/** The longest time after which an event is in an anchor: the nightly job makes one if nothing else has. */
const anchoredWithinMilliseconds = 25 * 60 * 60 * 1000;

/**
 * Verifies the database; with anchors that were kept elsewhere, against those.
 * @returns whether all fits
 * @throws Error with a line to print
 */
export async function verifyDatabase(
  services: Services,
  { anchors: place, keys, anchor: noted }: Evidence,
  { print, progress, now }: Verifying,
): Promise<boolean> {
  const findings = createFindings((finding) => print(findingLine(finding)));
  const store = createAuditAdministration(services.database.queries);
  const known = keys === undefined ? await serviceKeys(services, now) : readKeys(keys);
  // Before the events: what an anchor has was written by then.
  const stored = await check(storedAnchors(store), { findings, known, now });
  const kept = place === undefined ? undefined : await readKept(place, { findings, known, now });
  // Where the copy agrees, those of the database reach further.
  const anchors = kept && !compareCopies(kept, stored, findings) ? kept : stored;
  judgeNewest(anchors, findings, true);
  if (noted) compareNoted(noted, anchors, findings);
  const range = { from: undefined, to: undefined, isFiltered: false };
  const { chains, erasures } = createChecks({ range, findings, anchors, at: now });
  const told = createProgress(progress);
  await checkDatabase(store, {
    chains,
    onProgress: (done) => told(() => `${done.toLocaleString("en")} events verified`),
  });
  chains.finish();
  // Accounts may have been erased since the chain was read in which that is told.
  const since = { type: "account.erased", from: addSeconds(now, -lateSeconds) };
  for (const row of await store.atOnce(since)) erasures.seeErasure(storedRecord(row));
  const untold = await erasures.judge(createAccountAdministration(services.database.queries));
  judgeOldest(chains, findings, now);
  told.done();
  for (const line of reportLines({ chains, anchors, areKeysKnown: true, untold, findings })) print(line);
  return findings.count() === 0;
}

interface AnchorChecking {
  readonly findings: Findings;
  readonly known: KnownKeys | undefined;
  readonly now: Date;
  readonly mayBeginLater?: boolean;
}

const check = (
  anchors: AsyncIterable<KeptAnchor> | Iterable<KeptAnchor>,
  { known, ...options }: AnchorChecking,
): Promise<CheckedAnchors> => checkAnchors(anchors, { ...options, findKeys: createFindKeys(known) });

/** Anchors that were kept elsewhere: all, or some from a number on. @throws Error with a line to print, if there are none */
async function readKept(place: string, options: AnchorChecking): Promise<CheckedAnchors> {
  const kept = await check(keptAnchors(place, options.findings), { ...options, mayBeginLater: true });
  if (kept.count === 0 && options.findings.count() === 0) throw new Error(`${place} has no anchors`);
  return kept;
}

function compareNoted({ number, digest }: NotedAnchor, { digests }: CheckedAnchors, findings: Findings): void {
  const found = digests.get(number);
  if (found === digest) return;
  const what = found === undefined ? "is missing" : `is not the one that was taken down: its SHA-256 is ${found}`;
  findings.add("anchor", {}, `anchor ${number} ${what}`);
}

/** Anchors that were kept elsewhere show what was done to those in the database. @returns whether all of them agree */
function compareCopies(kept: CheckedAnchors, stored: CheckedAnchors, findings: Findings): boolean {
  let areSame = kept.count > 0;
  const { number: first = 1, previous = null } = kept.first ?? {};
  const before = stored.digests.get(first - 1);
  if (first > 1 && before !== undefined && previous !== before) {
    areSame = false;
    findings.add(
      "anchor",
      {},
      `anchor ${first - 1} of the database is not the one that the first one kept elsewhere names`,
    );
  }
  for (const [number, digest] of kept.digests) {
    const other = stored.digests.get(number);
    areSame &&= other === digest;
    if (other === undefined)
      findings.add("anchor", {}, `anchor ${number}, which was kept elsewhere, is missing in the database`);
    else if (other !== digest)
      findings.add("anchor", {}, `anchor ${number} of the database is not the one that was kept elsewhere`);
  }
  return areSame;
}

/** Without the newest anchors, the newest events look as if they had just been written. @param at when they were read */
function judgeOldest({ tally }: ChainCheck, findings: Findings, at: Date): void {
  const oldest = Date.parse(tally.earliestUnprotected);
  if (!(at.getTime() - oldest > anchoredWithinMilliseconds)) return;
  const text = `no anchor has events since ${tally.earliestUnprotected}: none could be made, or the newest were removed`;
  findings.add("anchor", {}, text);
}
