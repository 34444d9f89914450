import type { ExportedRecord } from "../exported-record.ts";
import { dayOf, startOf } from "../instants.ts";

/** Which records there are to be expected. */
export interface Range {
  /** Those from this instant on; undefined for all. */
  readonly from: string | undefined;
  /** Those before this instant. */
  readonly to: string | undefined;
  /** Whether some were chosen by type or account: then a gap says nothing. */
  readonly isFiltered: boolean;
  /** Those of this type alone; undefined for all. */
  readonly type?: string | undefined;
  /** Those of this account alone, by its audit id. */
  readonly account?: string | undefined;
}

export const isIn = ({ from, to }: Range, time: string): boolean =>
  (from === undefined || time >= from) && (to === undefined || time < to);

/** Whether a record is of the type and the account that were asked for. */
export const isChosen = ({ type, account }: Range, record: ExportedRecord): boolean =>
  (type === undefined || record.type === type) &&
  (account === undefined || record.subject === account || record.actorId === account);

/** Whether the first records of this day's chains may be missing, because nobody asked for all of the day. */
export const mayLackStart = ({ from, isFiltered }: Range, day: string): boolean =>
  isFiltered || (from !== undefined && from > startOf(day));

/** The same for the last ones. */
export const mayLackEnd = ({ to, isFiltered }: Range, day: string): boolean =>
  isFiltered || (to !== undefined && dayOf(to) <= day);

/** Whether all records of this day's chains must be there. */
export const isExpected = (range: Range, day: string): boolean => !mayLackStart(range, day) && !mayLackEnd(range, day);
