import { addSeconds, leewaySeconds } from "../../platform/clock.ts";
import type { Queries } from "../../platform/database/database.ts";
import { log } from "../../platform/log.ts";
import { lateSeconds } from "../lateness.ts";
import { anchorType, makeAnchor, mostHeads, type Anchor } from "./anchor.ts";
import { readHeads, withoutAnchored, type Place } from "./heads.ts";
import type { LastAnchor } from "./last.ts";
import { readAnchor } from "./read-anchor.ts";
import type { AnchorStore } from "./store.ts";
import type { AuditAnchorsTable } from "./tables.ts";

/** Signs an anchor. @throws ApiError SIGNING_UNAVAILABLE if the key is in a vault that is away */
export type SignAnchor = (document: { readonly typ: string; readonly claims: object }, now: Date) => Promise<string>;

export interface Anchoring {
  readonly queries: Queries;
  readonly store: AnchorStore;
  /** See `createFindLast`. */
  readonly findLast: () => Promise<LastAnchor | undefined>;
  readonly sign: SignAnchor;
  /** The most heads of an anchor; `mostHeads` unless given. */
  readonly most?: number | undefined;
}

/** What to anchor. */
export interface Asked {
  readonly now: Date;
  /**
   * How far to look for chains that have grown; unless given from a quarter of an hour before the last anchor on, because an
   * event has the time at which its call began.
   */
  readonly lookBackSeconds?: number | undefined;
  /** The start of a day: events before it are about to be removed, which an anchor must say. */
  readonly pruned?: Date | undefined;
}

/** What was anchored. */
export interface Anchored {
  /** How many anchors were made: none if no chain has grown. */
  readonly anchors: number;
  readonly heads: number;
}

/**
 * Anchors all chains that have grown since they were last anchored.
 * @throws ApiError DATABASE_UNAVAILABLE, and what `sign` throws; anchors made until then remain
 */
export async function anchorChains(
  { queries, store, findLast, sign, most = mostHeads }: Anchoring,
  { now, lookBackSeconds, pruned }: Asked,
): Promise<Anchored> {
  let last = await findLast();
  // Nothing waits for it; but its clock, or whoever made it, needs a look.
  if (last && last.at > addSeconds(now, leewaySeconds))
    log("error", "audit.anchor_ahead", { number: last.number, made_at: last.at.toISOString() });
  const since = lookBackSeconds === undefined ? sinceLast(last, now) : addSeconds(now, -lookBackSeconds);
  const until = addSeconds(now, leewaySeconds);
  const done = { anchors: 0, heads: 0 };
  let losses = 0;
  for (let place: Place = { at: since, chain: beforeAll }; ;) {
    const found = await readHeads(queries, { from: place, until, limit: most });
    const grown = await withoutAnchored(found.heads, since, store);
    const removed = laterOf(last?.pruned ?? null, pruned?.toISOString() ?? null);
    const isNews = grown.length > 0 || removed !== (last?.pruned ?? null);
    const made = isNews ? await signed(makeAnchor(grown, { last, now, pruned: removed }), sign) : undefined;
    if (made && !(await store.add(made))) {
      // Another instance was faster, and may have anchored the same: look again.
      losses += 1;
      if (losses > mostLosses) throw new Error("other instances took the number of the anchor each time");
      last = await findLast();
      continue;
    }
    if (made) {
      last = { number: made.number, jws: made.jws, at: now, pruned: removed };
      done.anchors += 1;
      done.heads += grown.length;
    }
    if (!found.next) return done;
    place = found.next;
  }
}

/** How often others may be faster: as many as there are instances that anchor at the same moment. */
const mostLosses = 100;

/** Both engines sort it before any other. */
const beforeAll = "00000000-0000-0000-0000-000000000000";

function sinceLast(last: LastAnchor | undefined, now: Date): Date {
  if (!last) return new Date(0);
  // Whoever made it may have a clock that is ahead.
  return addSeconds(last.at < now ? last.at : now, -lateSeconds);
}

function laterOf(one: string | null, other: string | null): string | null {
  return one === null || (other !== null && other > one) ? other : one;
}

async function signed(anchor: Anchor, sign: SignAnchor): Promise<AuditAnchorsTable> {
  const anchoredAt = new Date(anchor.time);
  const jws = await sign({ typ: anchorType, claims: anchor }, anchoredAt);
  // Nobody can remove it again, so it must be one that can be verified.
  readAnchor(jws);
  return { number: anchor.number, anchored_at: anchoredAt, jws };
}
