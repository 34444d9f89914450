import type { ExpressionBuilder } from "kysely";
import { addSeconds } from "../../platform/clock.ts";
import type { Queries } from "../../platform/database/database.ts";
import { log } from "../../platform/log.ts";
import type { Head } from "./anchor.ts";
import { headSchema } from "./read-anchor.ts";
import { afterAll, type AnchorStore } from "./store.ts";
import type { ChainedEvents } from "./tables.ts";

/** A head, and the instant of its record. */
export interface FoundHead extends Head {
  readonly at: Date;
}

/** Where a search for heads goes on: after the chains of this instant up to this one. */
export type Place = Pick<FoundHead, "at" | "chain">;

/** What to look through for heads: from a place on, up to an instant, so many rows at a time. */
export interface HeadSearch {
  readonly from: Place;
  readonly until: Date;
  readonly limit: number;
}

/** What a search has found. */
export interface FoundHeads {
  readonly heads: readonly FoundHead[];
  /** Where the search goes on; undefined if there is nothing more. */
  readonly next: Place | undefined;
}

/**
 * Heads of chains whose last record is from the place or later, oldest first. A chain with a gap, which somebody has made,
 * has several. A row that is no record, which somebody has made too, is left out: an anchor with it could not be verified.
 */
export async function readHeads(
  queries: Queries,
  { from: { at, chain }, until, limit }: HeadSearch,
): Promise<FoundHeads> {
  const rows = await queries
    .withTables<{ audit_events: ChainedEvents }>()
    .selectFrom("audit_events as head")
    .select(["head.chain_id", "head.seq", "head.hash", "head.created_at"])
    .where("head.created_at", ">=", at)
    // What has a time to come is anchored when that has come: until then it would be found again and again.
    .where("head.created_at", "<=", until)
    .where((row) => row.or([row("head.created_at", ">", at), row("head.chain_id", ">", chain)]))
    .where((row) => row.not(row.exists(recordAfter(row))))
    .orderBy("head.created_at")
    .orderBy("head.chain_id")
    .limit(limit)
    .execute();
  const heads = rows.flatMap((row) => headOf(row) ?? []);
  if (heads.length < rows.length) log("error", "audit.records_unreadable", { records: rows.length - heads.length });
  const end = rows.length < limit ? undefined : rows.findLast((row) => isInstant(row.created_at));
  return { heads, next: end && { at: end.created_at, chain: end.chain_id } };
}

function headOf({ chain_id: chain, seq: count, hash, created_at: at }: ChainedEvents): FoundHead | undefined {
  const head = { chain, count, hash: Buffer.isBuffer(hash) ? hash.toString("base64url") : "" };
  return headSchema.safeParse(head).success && isInstant(at) ? { ...head, at } : undefined;
}

function isInstant(at: unknown): boolean {
  return at instanceof Date && !Number.isNaN(at.getTime());
}

function recordAfter(query: ExpressionBuilder<{ audit_events: ChainedEvents; head: ChainedEvents }, "head">) {
  return query
    .selectFrom("audit_events as later")
    .select("later.seq")
    .whereRef("later.chain_id", "=", "head.chain_id")
    .where((row) => row("later.seq", "=", row("head.seq", "+", 1)));
}

/** Of these heads, those that no anchor from about `since` on has; of a chain that has several, the last. */
export async function withoutAnchored(
  heads: readonly FoundHead[],
  since: Date,
  { below }: Pick<AnchorStore, "below">,
): Promise<Head[]> {
  const left = new Map<string, FoundHead>();
  for (const head of heads) if (head.count > (left.get(head.chain)?.count ?? 0)) left.set(head.chain, head);
  const oldest = addSeconds(since, -slackSeconds);
  for (let number = afterAll; left.size > 0;) {
    const page = await below(number, pageSize);
    for (const { chain, count, hash } of page.flatMap(({ jws }) => headsOf(jws))) {
      const head = left.get(chain);
      // One with more records says nothing about this head: somebody has made it, or has removed records since.
      if (head?.count === count && head.hash === hash) left.delete(chain);
    }
    const last = page.at(-1);
    if (!last || page.length < pageSize || last.anchored_at < oldest) break;
    number = last.number;
  }
  return [...left.values()];
}

/** How many anchors are read at a time. */
const pageSize = 16;
/** How much earlier than an event an anchor may seem to be that has it: clocks go back. */
const slackSeconds = 3600;

/** The heads of an anchor of our own; none if somebody has made it unreadable, and then they are anchored again. */
function headsOf(jws: string): readonly Head[] {
  try {
    const payload = JSON.parse(Buffer.from(jws.split(".")[1] ?? "", "base64url").toString()) as { heads?: unknown };
    return Array.isArray(payload.heads) ? (payload.heads as Head[]) : [];
  } catch {
    return [];
  }
}
