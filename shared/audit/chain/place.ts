import { startChain, type Chains, type Head } from "./chains.ts";

/** Where the records of one transaction go, over all of its runs. */
export interface Place {
  startRun(): void;
  /** What the next record continues. */
  next(): Head;
  /** A record was added there; it ends with this. */
  moveTo(end: Head): void;
  /** The last run was committed. */
  committed(): void;
  /** The transaction failed. @param isUndone whether it is certain that nothing of it is left */
  failed(outcome: { readonly isUndone: boolean }): void;
}

/**
 * The first run takes a chain at its first record. A run after it begins a chain for each record: what the run before
 * added may be there, then nothing is added, and a chain of more than that record would have a gap.
 */
export function createPlace(chains: Chains, now: Date): Place {
  let runs = 0;
  let taken: Head | undefined;
  let end: Head | undefined;
  const drop = () => {
    if (taken) chains.lost(taken);
    taken = undefined;
  };
  return {
    startRun() {
      runs += 1;
      drop();
    },
    next() {
      if (runs > 1) return startChain(now);
      taken ??= end = chains.take(now);
      return end ?? taken;
    },
    moveTo(head) {
      end = head;
    },
    committed() {
      if (taken && end) chains.committed(end);
    },
    failed({ isUndone }) {
      if (taken && isUndone) chains.rolledBack(taken);
      else drop();
    },
  };
}
