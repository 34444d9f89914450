import path from "node:path";
import { PassThrough } from "node:stream";
import type { AuditRecord } from "../../shared/audit/chain/record.ts";
import { loadProcessConfig } from "../../shared/config.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import { createServices, type Services } from "../../shared/services.ts";
import { audit } from "../../tools/audit.ts";
import { chainOf, keepRecords } from "./audit-records.ts";
import { temporaryFolder } from "./folder.ts";

/** When the events of such tests begin, and when commands run unless they run later. */
export const start = new Date("2026-11-29T12:00:00.000Z");
export const now = addSeconds(start, 3600);

/** A chain that fits, of the day of its first event. */
export const chain = (length: number, from = start) => chainOf(length, { chain: newId(from), from });

/** Runs `npm run audit` with these words; see `useCommandSettings`. @param given `later`: how many seconds after `now` */
export async function run(...given: readonly (string | { readonly later: number })[]) {
  const words = given.filter((word) => typeof word === "string");
  const later = given.find((word) => typeof word === "object")?.later ?? 0;
  const output = new PassThrough();
  const isGood = await audit(words, {
    output,
    progress: { write: () => true },
    hasColours: true,
    loadSettings: () => {},
    now: addSeconds(now, later),
  });
  const text = String(output.read() ?? "");
  return { isGood, lines: text.split("\n").slice(0, -1) };
}

/** The findings among the lines of a report. */
export const findingsIn = (lines: readonly string[]) => lines.filter((line) => /^[A-Z]{6,} {2}/.test(line));

/** Exports the whole log with its anchors. */
export async function exported(later = 0) {
  const folder = temporaryFolder();
  const files = { events: path.join(folder, "events.jsonl"), anchors: path.join(folder, "anchors.jsonl") };
  await run("export", "--out", files.events, "--anchors", files.anchors, { later });
  return files;
}

/** Adds events to the log of the settings. */
export const keep = (more: readonly AuditRecord[]) =>
  withServices(({ database }) => keepRecords(database.queries, more));

/** Does something with the services of the settings. */
export async function withServices<T>(work: (services: Services) => Promise<T>): Promise<T> {
  const services = createServices(loadProcessConfig());
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
