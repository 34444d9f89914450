import { log } from "../../platform/log.ts";
import { anchorType, type Anchor } from "./anchor.ts";
import { AnchorFault, readAnchor } from "./read-anchor.ts";
import { afterAll, type AnchorStore } from "./store.ts";
import type { AuditAnchorsTable } from "./tables.ts";

/** Whether this service has signed a document. @throws ApiError SIGNING_UNAVAILABLE if the keys are in a vault that is away */
export type VerifySignature = (jws: string, typ: string) => Promise<boolean>;

/** The anchor that the next one follows, and what is certain by then. */
export interface LastAnchor {
  readonly number: number;
  readonly jws: string;
  /** When the last anchor was made that this service has signed; if there is none, when the last one says it was. */
  readonly at: Date;
  /** See `Anchor.pruned`. */
  readonly pruned: string | null;
}

/**
 * Finds the last anchor. Somebody who may write to the database may have put it there: then the ones before it say what is
 * certain, and the log tells.
 */
export function createFindLast(store: Pick<AnchorStore, "below">, verify: VerifySignature) {
  /** The last one that was found to be ours. */
  let known: { readonly jws: string; readonly anchor: Anchor } | undefined;
  const ownAnchorOf = async (row: AuditAnchorsTable): Promise<Anchor | undefined> => {
    if (known?.jws === row.jws && known.anchor.number === row.number) return known.anchor;
    try {
      const { anchor } = readAnchor(row.jws);
      if (anchor.number !== row.number || !(await verify(row.jws, anchorType))) return undefined;
      known = { jws: row.jws, anchor };
      return anchor;
    } catch (error) {
      if (error instanceof AnchorFault) return undefined;
      throw error;
    }
  };
  /**
   * @param keptFrom the start of the first day that is kept: what an anchor says was removed is believed up to then if its
   * key is gone
   * @returns undefined if there is no anchor
   * @throws ApiError DATABASE_UNAVAILABLE, and what `verify` throws
   */
  return async (keptFrom: Date): Promise<LastAnchor | undefined> => {
    const [newest] = await store.below(afterAll, 1);
    if (!newest) return undefined;
    const { number, jws } = newest;
    const own = await ownAnchorOf(newest);
    if (own) return { number, jws, at: new Date(own.time), pruned: own.pruned };
    log("error", "audit.anchor_unknown", { number });
    for (const row of await store.below(number, lookedThrough)) {
      const earlier = await ownAnchorOf(row);
      if (earlier) return { number, jws, at: new Date(earlier.time), pruned: earlier.pruned };
    }
    const pruned = prunedIn(jws);
    const isDue = pruned !== null && new Date(pruned) <= keptFrom;
    return { number, jws, at: newest.anchored_at, pruned: isDue ? pruned : null };
  };
}

const lookedThrough = 16;

function prunedIn(jws: string): string | null {
  try {
    return readAnchor(jws).anchor.pruned;
  } catch {
    return null;
  }
}
