import { createAccountAdministration } from "../../../shared/accounts/administration.ts";
import { createClientAdministration } from "../../../shared/clients/administration.ts";
import { createAuditAdministration } from "../../../shared/audit/administration.ts";
import { lateSeconds } from "../../../shared/audit/lateness.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import type { Services } from "../../../shared/services.ts";
import { createProgress } from "../progress.ts";
import { storedRecord } from "../stored-record.ts";
import { judgeNewest, type CheckedAnchors } from "./anchor-check.ts";
import { storedAnchors } from "./anchor-sources.ts";
import { check, compareNoted, createChecks, judgeOldest, readKept, type Evidence, type Verifying } from "./evidence.ts";
import { checkDatabase } from "./database-source.ts";
import { createFindings, findingLine, type Findings } from "./findings.ts";
import { readKeys } from "./keys.ts";
import { reportLines } from "./report.ts";
import { serviceKeys } from "./service-keys.ts";

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
  // Neither right nor wrong: who removed all events and all anchors must not get an answer as if all were well.
  if (!anchors.newest && findings.count() === 0) throw new Error(await aboutNothing(services, chains.tally.events));
  return findings.count() === 0;
}

/** Why nothing is proven without anchors, and what to do. */
async function aboutNothing({ database }: Services, events: number): Promise<string> {
  if (events > 0) return "Nothing is proven: there are no anchors. npm run audit -- anchor makes one";
  const nothing = "Nothing is proven: there are no events and no anchors";
  const accounts = await createAccountAdministration(database.queries).auditIds().next();
  const isUsed =
    (accounts.value ?? []).length > 0 || (await createClientAdministration(database.queries).list()).length > 0;
  return isUsed
    ? `${nothing}, although there are accounts or clients: they are older than this log, or somebody removed it. Anchors that were kept elsewhere would tell (--anchors)`
    : nothing;
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
