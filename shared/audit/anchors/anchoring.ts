import { addSeconds } from "../../platform/clock.ts";
import type { Queries } from "../../platform/database/database.ts";
import { anchorType, makeAnchor, mostHeads, type Anchor } from "./anchor.ts";
import { readHeads, withoutAnchored, type Place } from "./heads.ts";
import type { AnchorStore } from "./store.ts";
import type { AuditAnchorsTable } from "./tables.ts";

/** Signs an anchor. @throws ApiError SIGNING_UNAVAILABLE if the key is in a vault that is away */
export type SignAnchor = (document: { readonly typ: string; readonly claims: object }, now: Date) => Promise<string>;

export interface Anchoring {
  readonly queries: Queries;
  readonly store: AnchorStore;
  readonly sign: SignAnchor;
  /** The most heads of an anchor; `mostHeads` unless given. */
  readonly most?: number | undefined;
}

/** What was anchored. */
export interface Anchored {
  /** How many anchors were made: none if no chain has grown. */
  readonly anchors: number;
  readonly heads: number;
}

/**
 * Anchors all chains that have grown since they were last anchored.
 * @param lookBackSeconds how far to look for them; unless given from a quarter of an hour before the last anchor on, because
 * an event has the time at which its call began
 * @throws ApiError DATABASE_UNAVAILABLE, and what `sign` throws; anchors made until then remain
 */
export async function anchorChains(
  { queries, store, sign, most = mostHeads }: Anchoring,
  { now, lookBackSeconds }: { readonly now: Date; readonly lookBackSeconds?: number | undefined },
): Promise<Anchored> {
  let last = await store.latest();
  const since = lookBackSeconds === undefined ? sinceLast(last, now) : addSeconds(now, -lookBackSeconds);
  const done = { anchors: 0, heads: 0 };
  let losses = 0;
  for (let place: Place = { at: since, chain: beforeAll }; ;) {
    const found = await readHeads(queries, place, most);
    const grown = await withoutAnchored(found, since, store);
    const made = grown.length > 0 ? await signed(makeAnchor(grown, { last, now }), sign) : undefined;
    if (made && !(await store.add(made))) {
      // Another instance was faster, and may have anchored the same: look again.
      losses += 1;
      if (losses > mostLosses) throw new Error("other instances took the number of the anchor each time");
      last = await store.latest();
      continue;
    }
    if (made) {
      last = made;
      done.anchors += 1;
      done.heads += grown.length;
    }
    const end = found.at(-1);
    if (!end || found.length < most) return done;
    place = end;
  }
}

/** Calls may take minutes, jobs even more, and clocks differ. */
const slackSeconds = 15 * 60;

/** How often others may be faster: as many as there are instances that anchor at the same moment. */
const mostLosses = 100;

/** Both engines sort it before any other. */
const beforeAll = "00000000-0000-0000-0000-000000000000";

function sinceLast(last: Pick<AuditAnchorsTable, "anchored_at"> | undefined, now: Date): Date {
  if (!last) return new Date(0);
  // Whoever made it may have a clock that is ahead.
  return addSeconds(last.anchored_at < now ? last.anchored_at : now, -slackSeconds);
}

async function signed(anchor: Anchor, sign: SignAnchor): Promise<AuditAnchorsTable> {
  const anchoredAt = new Date(anchor.time);
  const jws = await sign({ typ: anchorType, claims: anchor }, anchoredAt);
  return { number: anchor.number, anchored_at: anchoredAt, jws };
}
