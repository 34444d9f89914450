import { parseObject } from "./exported-record.ts";
import { isInstant } from "./instants.ts";

/** What an export was asked for; null for everything. */
export interface Asked {
  readonly from: string | null;
  readonly to: string | null;
  readonly type: string | null;
  /** The audit id of an account. */
  readonly account: string | null;
  /** When it was asked for. */
  readonly at: string;
}

/** The version of the format. */
const version = 1;

/** The first line of an export. */
export function firstLine({ from, to, type, account, at }: Asked): string {
  return JSON.stringify({ latchkey_audit: version, from, to, type, account, at });
}

/** Reads the first line of an export. @returns what it was asked for, or what is wrong with the line */
export function readFirstLine(line: string): Asked | string {
  const found = parseObject(line);
  if (found?.["latchkey_audit"] === undefined) return "is not the first line of an export of the audit log";
  if (found["latchkey_audit"] !== version)
    return "is of another version of the format: verify with the release that wrote it";
  const { from, to, type, account, at } = found as unknown as Asked;
  const isExact = [from, to, type, account].every((value) => value === null || typeof value === "string");
  if (!isExact || typeof at !== "string") return unlike;
  const areInstants = [from, to, at].every((value) => value === null || isInstant(value));
  return areInstants && firstLine({ from, to, type, account, at }) === line ? { from, to, type, account, at } : unlike;
}

const unlike = "is not written as an export writes it";

/** The last line of an export: without it, nobody would see that the end of a file is missing. */
export const lastLine = (events: number): string => JSON.stringify({ events });

/** Reads the last line of an export. @returns how many events it has; undefined if it is another line */
export function readLastLine(line: string): number | undefined {
  if (!line.startsWith('{"events":')) return undefined;
  const events = parseObject(line)?.["events"];
  return typeof events === "number" && Number.isSafeInteger(events) && lastLine(events) === line ? events : undefined;
}
