import { statSync } from "node:fs";
import { counted } from "../counted.ts";
import { readFirstLine, readLastLine, type Asked } from "../export-frame.ts";
import { isAfter, readRecordLine, type ExportedRecord } from "../exported-record.ts";
import { dayOf } from "../instants.ts";
import { readLines, type Line } from "../lines.ts";
import type { ChainCheck } from "./chain-check.ts";
import type { Findings } from "./findings.ts";
import { faultOfEnds, otherThanExport } from "./wrong-file.ts";

/** The longest line of an export, in bytes: a record's texts take 4,000 characters, and escaped six times as many. */
const mostLineBytes = 64_000;

export interface ExportSource {
  readonly asked: Asked;
  /** Checks the records, one after the other. */
  check(chains: ChainCheck, onProgress: (done: number) => void): void;
}

/** Opens an export. @throws Error with a line to print, if it is none */
export function openExport(file: string, findings: Findings): ExportSource {
  const lines = readLines(file, mostLineBytes);
  const { text, fault = "is missing" } = lines.next().value ?? { text: undefined };
  const other = text === undefined ? undefined : (otherThanExport(text) ?? faultOfEnds(text));
  if (other !== undefined) throw new Error(`${file}: ${other}`);
  const asked = text === undefined ? fault : readFirstLine(text);
  if (typeof asked === "string") throw new Error(`${file}: its first line ${asked}`);
  const size = statSync(file).size;
  return {
    asked,
    check: (chains, onProgress) =>
      checkLines(lines, { chains, findings, onProgress: (read) => onProgress(read / size) }),
  };
}

interface Checking {
  readonly chains: ChainCheck;
  readonly findings: Findings;
  readonly onProgress: (read: number) => void;
}

function checkLines(lines: Iterable<Line>, { chains, findings, onProgress }: Checking): void {
  let before: ExportedRecord | undefined;
  let records = 0;
  let end: number | undefined;
  let endedBefore = "";
  for (const { number, text, fault, read } of lines) {
    if (end !== undefined) {
      findings.add("inserted", { line: number }, "stands after the last line");
      continue;
    }
    end = text === undefined ? undefined : readLastLine(text);
    if (end !== undefined) continue;
    records += 1;
    if (records % 10_000 === 0) onProgress(read);
    const record = text === undefined ? (fault ?? "") : readRecordLine(text);
    if (typeof record === "string") {
      findings.add("unreadable", { line: number }, `the line ${record}`);
      continue;
    }
    if (before && !isAfter(record, before)) {
      const place = { line: number, chain: record.chain, seq: record.seq, id: record.id, time: record.time };
      findings.add("reordered", place, "it does not come after the line before it");
    } else if (before && dayOf(before.time) > endedBefore) {
      // Only now: a line that is out of place may have a later day than those that follow it.
      endedBefore = dayOf(before.time);
      chains.endDaysBefore(endedBefore);
    }
    chains.see(record, number);
    before = record;
  }
  if (end === undefined) findings.add("removed", {}, "the export's last line is missing: it was cut off");
  else if (end !== records)
    findings.add(
      end > records ? "removed" : "inserted",
      {},
      `the export was written with ${counted(end, "event")}, and has ${counted(records, "event")}`,
    );
}
