import { addSeconds, leewaySeconds } from "../../../shared/platform/clock.ts";
import { createProgress } from "../progress.ts";
import { judgeNewest, type CheckedAnchors } from "./anchor-check.ts";
import { compareNoted, createChecks, judgeOldest, readKept, type Evidence, type Verifying } from "./evidence.ts";
import { openExport } from "./export-source.ts";
import { createFindings, findingLine, type Findings } from "./findings.ts";
import { readKeys } from "./keys.ts";
import { reportLines } from "./report.ts";

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
  const isToCome = Date.parse(at) > addSeconds(now, leewaySeconds).getTime();
  if (isToCome) findings.add("changed", { line: 1 }, `it says that it was exported at ${at}, which is yet to come`);
  const made = isToCome ? now : new Date(at);
  const range = {
    from: from ?? undefined,
    to: to ?? undefined,
    type: type ?? undefined,
    account: account ?? undefined,
    isFiltered: type !== null || account !== null,
    madeAt: made.toISOString(),
  };
  const { chains, erasures } = createChecks({ range, findings, anchors, at: made });
  source.check(chains, onProgress);
  chains.finish();
  const { latest } = chains.tally;
  if (anchors?.newest) judgeOldest(chains, findings, latest > made.toISOString() ? new Date(latest) : made);
  return { chains, erasures, asked: source.asked };
}
