import { createAccountAdministration } from "../../../shared/accounts/administration.ts";
import { createAuditAdministration } from "../../../shared/audit/administration.ts";
import type { Services } from "../../../shared/services.ts";
import { createProgress, type ProgressStream } from "../progress.ts";
import { checkAnchors, type CheckedAnchors, type KeptAnchor } from "./anchor-check.ts";
import { keptAnchors, storedAnchors } from "./anchor-sources.ts";
import { AnchoredHeads } from "./anchored-heads.ts";
import { createChainCheck, type ChainCheck } from "./chain-check.ts";
import { checkDatabase, createErasures } from "./database-source.ts";
import { openExport } from "./export-source.ts";
import { createFindings, findingLine, type Findings } from "./findings.ts";
import { createFindKeys, readKeys, type KnownKeys } from "./keys.ts";
import { reportLines } from "./report.ts";
import { serviceKeys } from "./service-keys.ts";

export interface Verifying {
  /** Receives each line as soon as it is known. */
  readonly print: (line: string) => void;
  readonly progress: ProgressStream;
}

export interface Evidence {
  /** A file or a folder. */
  readonly anchors?: string | undefined;
  readonly keys?: string | undefined;
}

/** Verifies an export, with nothing but files. @returns whether all fits @throws Error with a line to print */
export async function verifyExport(
  { export: file, anchors: place, keys }: Evidence & { readonly export: string },
  { print, progress }: Verifying,
): Promise<boolean> {
  const findings = createFindings((finding) => print(findingLine(finding)));
  const known = keys === undefined ? undefined : readKeys(keys);
  const anchors = place === undefined ? undefined : await check(keptAnchors(place, findings), { findings, known });
  const told = createProgress(progress);
  const { chains, asked } = checkExport(file, {
    findings,
    anchors,
    onProgress: (done) => told(() => `${Math.floor(100 * done)} % of ${file} verified`),
  });
  told.done();
  const about = { chains, anchors, asked, areKeysKnown: known !== undefined, findings: findings.count() };
  for (const line of reportLines(about)) print(line);
  return findings.count() === 0;
}

interface ExportCheck {
  readonly findings: Findings;
  readonly anchors: CheckedAnchors | undefined;
  readonly onProgress?: (done: number) => void;
}

/** Checks the events of an export against each other and against anchors. @throws Error with a line to print */
export function checkExport(file: string, { findings, anchors, onProgress = () => {} }: ExportCheck) {
  const { asked, check: checkEvents } = openExport(file, findings);
  const { from, to, type, account } = asked;
  const range = { from: from ?? undefined, to: to ?? undefined, isFiltered: type !== null || account !== null };
  const chains = createChainCheck({ range, findings, heads: anchors?.heads ?? new AnchoredHeads() });
  checkEvents(chains, onProgress);
  chains.finish();
  return { chains, asked };
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
  { anchors: place, keys }: Evidence,
  { print, progress, now }: Verifying & { readonly now: Date },
): Promise<boolean> {
  const findings = createFindings((finding) => print(findingLine(finding)));
  const store = createAuditAdministration(services.database.queries);
  const known = keys === undefined ? await serviceKeys(services, now) : readKeys(keys);
  // Before the events: what an anchor has was written by then.
  const stored = await check(storedAnchors(store), { findings, known });
  const kept = place === undefined ? undefined : await check(keptAnchors(place, findings), { findings, known });
  if (kept) compareCopies(kept, stored, findings);
  const anchors = kept ?? stored;
  const erasures = createErasures();
  const range = { from: undefined, to: undefined, isFiltered: false };
  const chains = createChainCheck({ range, findings, heads: anchors.heads }, (record) => erasures.see(record));
  const told = createProgress(progress);
  await checkDatabase(store, {
    chains,
    onProgress: (done) => told(() => `${done.toLocaleString("en")} events verified`),
  });
  chains.finish();
  await erasures.judge(createAccountAdministration(services.database.queries), findings);
  judgeOldest(chains, findings, now);
  told.done();
  for (const line of reportLines({ chains, anchors, areKeysKnown: true, findings: findings.count() })) print(line);
  return findings.count() === 0;
}

const check = (
  anchors: AsyncIterable<KeptAnchor> | Iterable<KeptAnchor>,
  { findings, known }: { readonly findings: Findings; readonly known: KnownKeys | undefined },
) => checkAnchors(anchors, { findings, findKeys: createFindKeys(known), mustBeKnown: known !== undefined });

/** Anchors that were kept elsewhere show what was done to those in the database. */
function compareCopies(kept: CheckedAnchors, stored: CheckedAnchors, findings: Findings): void {
  for (const [number, digest] of kept.digests) {
    const other = stored.digests.get(number);
    if (other === undefined)
      findings.add("anchor", {}, `anchor ${number}, which was kept elsewhere, is missing in the database`);
    else if (other !== digest)
      findings.add("anchor", {}, `anchor ${number} of the database is not the one that was kept elsewhere`);
  }
}

/** Without the newest anchors, the newest events look as if they had just been written. */
function judgeOldest({ tally }: ChainCheck, findings: Findings, now: Date): void {
  const oldest = Date.parse(tally.earliestUnprotected);
  if (!(now.getTime() - oldest > anchoredWithinMilliseconds)) return;
  const text = `no anchor has events since ${tally.earliestUnprotected}: none could be made, or the newest were removed`;
  findings.add("anchor", {}, text);
}
