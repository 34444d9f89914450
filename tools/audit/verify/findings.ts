import { printable } from "../printable.ts";

/** What a finding says happened. */
export type FindingKind =
  /** Something that stands there is not what was written. */
  | "changed"
  /** Something that was written is not there. */
  | "removed"
  /** Something is there that was not written then, or not there. */
  | "inserted"
  /** Something stands in another place. */
  | "reordered"
  /** Something cannot be read, and so tells nothing. */
  | "unreadable"
  /** An anchor is not what was signed, or not where it was. */
  | "anchor";

/** Which event a finding is about, as far as that is known. */
export interface Place {
  readonly line?: number | undefined;
  readonly chain?: string | undefined;
  readonly seq?: number | undefined;
  readonly id?: string | undefined;
  readonly time?: string | undefined;
}

export interface Finding extends Place {
  readonly kind: FindingKind;
  readonly text: string;
}

export interface Findings {
  add(kind: FindingKind, place: Place, text: string): void;
  /** How many there are. */
  count(): number;
  /** Of which kinds not all were told, and how many there are. */
  cut(): readonly { readonly kind: FindingKind; readonly count: number }[];
}

/** How many findings of a kind are told one by one: who removed a day should not fill the disk of who looks for it. */
export const mostTold = 1000;

/** @param tell receives each finding, up to a thousand of each kind, so that no kind hides another */
export function createFindings(tell: (finding: Finding) => void): Findings {
  const counts = new Map<FindingKind, number>();
  return {
    add(kind, place, text) {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      if (count <= mostTold) tell({ kind, ...place, text });
    },
    count: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    cut: () => [...counts].flatMap(([kind, count]) => (count > mostTold ? [{ kind, count }] : [])),
  };
}

/** A finding as a line. What stands in it may come from whoever changed the log, so it is escaped. */
export function findingLine({ kind, line, chain, seq, id, time, text }: Finding): string {
  const place = [
    line === undefined ? "" : `line ${line}`,
    chain === undefined ? "" : `chain ${printable(chain)}`,
    seq === undefined ? "" : `seq ${seq}`,
    id === undefined ? "" : `event ${printable(id)}`,
    time === undefined ? "" : printable(time),
  ];
  const where = place.filter((part) => part !== "").join(", ");
  return `${kind.toUpperCase()}  ${where === "" ? "" : `${where}: `}${printable(text, 2000)}`;
}
