import {
  createAuditAdministration,
  type AuditAdministration,
  type EventChoice,
} from "../../shared/audit/administration.ts";
import { lateSeconds } from "../../shared/audit/lateness.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import type { Services } from "../../shared/services.ts";
import { firstLine, lastLine } from "./export-frame.ts";
import { isAfter, lineOf, type ExportedRecord } from "./exported-record.ts";
import type { Output } from "./output.ts";
import type { Progress } from "./progress.ts";
import { storedRecord } from "./stored-record.ts";

export interface Exporting {
  readonly choice: EventChoice;
  readonly events: Output;
  /** Where the anchors go; undefined for nowhere. */
  readonly anchors?: Output | undefined;
  readonly progress: Progress;
  readonly now: Date;
}

/** Exports events, and the anchors if wanted. @returns how many of each */
export async function exportAudit(
  { database }: Services,
  { choice, events, anchors, progress, now }: Exporting,
): Promise<{ readonly events: number; readonly anchors: number }> {
  const store = createAuditAdministration(database.queries);
  // Before the events: the export then has every event that an anchor has.
  const counts = { events: 0, anchors: anchors ? await exportAnchors(store, anchors) : 0 };
  const { from, to, type = null, account = null } = choice;
  await events.write(
    firstLine({
      from: from?.toISOString() ?? null,
      to: to?.toISOString() ?? null,
      type,
      account,
      at: now.toISOString(),
    }),
  );
  for await (const record of inOrder(pages(store, choice, now))) {
    await events.write(lineOf(record));
    counts.events += 1;
    progress(() => `${counts.events.toLocaleString("en")} events exported, up to ${record.time}`);
  }
  await events.write(lastLine(counts.events));
  return counts;
}

async function exportAnchors(store: AuditAdministration, output: Output): Promise<number> {
  let count = 0;
  for await (const { jws } of store.anchors()) {
    await output.write(String(jws));
    count += 1;
  }
  return count;
}

/**
 * Pages of the events. While they are read, others are written, perhaps with an earlier time than what was read last: so
 * the newest come in one statement, which has no event without those before it in its chain.
 */
async function* pages(store: AuditAdministration, choice: EventChoice, now: Date) {
  const settled = addSeconds(now, -lateSeconds);
  const isOver = choice.to !== undefined && choice.to <= settled;
  yield* store.byTime(isOver ? choice : { ...choice, to: settled });
  if (isOver) return;
  yield await store.atOnce({ ...choice, from: choice.from && choice.from > settled ? choice.from : settled });
}

/** Records of one instant come by chain as text, however the engine sorts chains. */
async function* inOrder(found: ReturnType<typeof pages>): AsyncGenerator<ExportedRecord> {
  let same: ExportedRecord[] = [];
  for await (const page of found)
    for (const row of page) {
      const record = storedRecord(row);
      if (same.length > 0 && same[0]?.time !== record.time) {
        yield* same.toSorted(byPlace);
        same = [];
      }
      same.push(record);
    }
  yield* same.toSorted(byPlace);
}

const byPlace = (one: ExportedRecord, other: ExportedRecord) => (isAfter(one, other) ? 1 : -1);
