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
  /** The chain of the first run, as it was taken and as it ends now. */
  let held: { readonly taken: Head; end: Head } | undefined;
  const drop = () => {
    if (held) chains.lost(held.taken);
    held = undefined;
  };
  return {
    startRun() {
      runs += 1;
      drop();
    },
    next() {
      if (runs > 1) return startChain(now);
      if (!held) {
        const taken = chains.take(now);
        held = { taken, end: taken };
      }
      return held.end;
    },
    moveTo(head) {
      if (held) held.end = head;
    },
    committed() {
      if (held) chains.committed(held.end);
    },
    failed({ isUndone }) {
      if (held && isUndone) chains.rolledBack(held.taken);
      else drop();
    },
  };
}
