import { newId } from "../platform/crypto/random.ts";
import type { AuditEvent } from "./audit.ts";
import type { AddressForm, Bounds, LeftOut } from "./chain/bounds.ts";
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

/**
 * The same event is chosen in every run or in none, and has the same id: it is counted and kept once, and not at all if it
 * is not in the run that is committed.
 */
export function createChoice(bounds: Bounds, { now, addressForm }: { now: Date; addressForm: AddressForm }): Choice {
  const ids = createIds(now);
  const chosenBefore = new Map<string, { readonly event: AuditEvent; readonly wasAdmitted: boolean }>();
  const ofThisRun = new Set<string>();
  let leftOut: readonly LeftOut[] | undefined;
  let isFirst = true;
  const admits = ({ id, event }: Chosen): boolean => {
    const { wasAdmitted } = chosenBefore.get(id) ?? { wasAdmitted: bounds.admits(event, now) };
    chosenBefore.set(id, { event, wasAdmitted });
    ofThisRun.add(id);
    return wasAdmitted;
  };
  const name = (events: readonly AuditEvent[]) => ids.name(entriesOf(events, addressForm));
  const startRun = () => {
    isFirst = true;
    ofThisRun.clear();
    ids.startRun();
  };
  const takeBackOthers = () => {
    for (const [id, { event, ...outcome }] of chosenBefore) if (!ofThisRun.has(id)) bounds.takeBack(event, outcome);
  };
  return {
    startRun,
    of(events) {
      const chosen = name(events).filter(admits);
      if (chosen.length === 0 || !isFirst) return chosen;
      isFirst = false;
      leftOut ??= bounds.takeLeftOut(now);
      return [...chosen, ...name(leftOut.map(toEvent))];
    },
    committed() {
      takeBackOthers();
      if (!isFirst) return (leftOut ?? []).map(toEvent);
      // An earlier run would have told it, and this one has kept nothing.
      if (leftOut) bounds.giveBack(leftOut);
      return [];
    },
    failed() {
      startRun();
      takeBackOthers();
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
