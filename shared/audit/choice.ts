import { newId } from "../platform/crypto/random.ts";
import type { AuditEvent } from "./audit.ts";
import type { Bounds, LeftOut } from "./chain/bounds.ts";
import { entriesOf, type Entry } from "./keeping.ts";

/** Which events of one transaction are kept, over all of its runs. */
export interface Choice {
  startRun(): void;
  /** What to keep of these events, and with the first of a run what was left out before. */
  of(events: readonly AuditEvent[]): Chosen[];
  /** The last run was committed. @returns the events that tell what was left out before */
  committed(): AuditEvent[];
  failed(): void;
}

/** An event to keep, under this id. */
export type Chosen = Entry & { readonly id: string };

/** The same event is chosen in every run or in none, and has the same id: it is counted and kept once. */
export function createChoice(bounds: Bounds, now: Date): Choice {
  const ids = createIds(now);
  const isAdmitted = new Map<string, boolean>();
  let leftOut: readonly LeftOut[] | undefined;
  let isFirst = true;
  const admits = ({ id, event }: Chosen): boolean => {
    const known = isAdmitted.get(id) ?? bounds.admits(event, now);
    isAdmitted.set(id, known);
    return known;
  };
  return {
    startRun() {
      isFirst = true;
      ids.startRun();
    },
    of(events) {
      const chosen = ids.name(entriesOf(events)).filter(admits);
      if (chosen.length === 0 || !isFirst) return chosen;
      isFirst = false;
      leftOut ??= bounds.takeLeftOut(now);
      return [...chosen, ...ids.name(entriesOf(leftOut.map(toEvent)))];
    },
    committed: () => (isFirst ? [] : (leftOut ?? []).map(toEvent)),
    failed() {
      // Whatever became of the rows: to tell it twice is better than never.
      if (leftOut) bounds.giveBack(leftOut);
    },
  };
}

const toEvent = ({ about, count }: LeftOut): AuditEvent => ({ type: "audit.left_out", about, count });

/** Ids of events: one that comes again in a later run has the same. */
function createIds(now: Date) {
  const ids = new Map<string, string>();
  const seen = new Map<string, number>();
  return {
    startRun: () => seen.clear(),
    name: (entries: readonly Entry[]): Chosen[] =>
      entries.map((entry) => {
        const count = (seen.get(entry.kind) ?? 0) + 1;
        seen.set(entry.kind, count);
        const key = `${count} ${entry.kind}`;
        const id = ids.get(key) ?? newId(now);
        ids.set(key, id);
        return Object.assign({ id }, entry);
      }),
  };
}
