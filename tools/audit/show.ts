import { createAuditAdministration, type EventChoice } from "../../shared/audit/administration.ts";
import type { Services } from "../../shared/services.ts";
import { lineOf, parseObject, type ExportedRecord } from "./exported-record.ts";
import { printable } from "./printable.ts";
import { storedRecord } from "./stored-record.ts";

export interface Showing {
  readonly choice: EventChoice;
  /** How many of the newest events. */
  readonly limit: number;
  /** Whether failures and alarms are to stand out by their colours. */
  readonly hasColours: boolean;
  /** Whether programs read it: then each line is what an export has. */
  readonly isJson: boolean;
}

/** The newest events, newest last, each as a line. */
export async function showAudit(
  { database }: Services,
  { choice, limit, hasColours, isJson }: Showing,
): Promise<string[]> {
  const rows = await createAuditAdministration(database.queries).newest(choice, limit);
  const records = rows.map((row) => storedRecord(row)).toReversed();
  return records.map((record) => (isJson ? lineOf(record) : shownLine(record, hasColours)));
}

/** An event as a line. What stands in it may come from anyone, so it is escaped. */
function shownLine(record: ExportedRecord, hasColours: boolean): string {
  const { time, type, outcome, actor, actorId, subject, reason, details, personal } = record;
  const isFailure = outcome !== "success";
  const named = printable(type).padEnd(34);
  const who = actorId === null || actorId === subject ? actor : `${actor} ${actorId}`;
  const parts = [
    who === "person" && subject !== null ? "" : `by ${printable(who)}`,
    subject === null ? "" : `account ${printable(subject)}`,
    reason === null ? "" : `(${printable(reason).replaceAll(/[()]/g, (found) => (found === "(" ? "[" : "]"))})`,
    ...membersOf(details),
    ...(personal === null ? [] : membersOf(personal)),
  ];
  const what = isFailure && hasColours ? `${red}${named}${plain}` : named;
  return [printable(time), what, ...parts.filter((part) => part !== "")].join("  ").trimEnd();
}

const red = "\u001b[31m";
const plain = "\u001b[0m";

/** What would look like more members, or like the reason, is quoted. */
function valueOf(value: unknown): string {
  const text = printable(String(value), 120);
  return /[\s=()"]/.test(text) ? JSON.stringify(text) : text;
}

function membersOf(json: string | null): string[] {
  if (json === null) return [];
  const found = parseObject(json);
  if (!found) return [printable(json)];
  return Object.entries(found).map(([name, value]) => `${printable(name)}=${valueOf(value)}`);
}
