import { hash } from "node:crypto";
import { merkleRoot } from "./merkle.ts";

/** How far a chain has come. */
export interface Head {
  /** The chain: a UUID. */
  readonly chain: string;
  /** The `seq` of its last record, and so how many it has. */
  readonly count: number;
  /** The hash of that record, as base64url. */
  readonly hash: string;
}

/** What an anchor says: the payload of its JWS. Nothing in it is personal. */
export interface Anchor {
  /** Of the chains that have grown since they were last anchored, sorted by `chain`; none if only `pruned` is new. */
  readonly heads: readonly Head[];
  /** 1 for the first anchor, one more for each later one. */
  readonly number: number;
  /** The SHA-256 of the anchor before, of its JWS, as base64url; null in the first. */
  readonly previous: string | null;
  /**
   * The start of a day in UTC, ISO 8601 with milliseconds: the service has removed, or is about to remove, all events before
   * it, because they are kept no longer. Null until then. It never goes back.
   */
  readonly pruned: string | null;
  /** The Merkle tree hash over the heads, as base64url. */
  readonly root: string;
  /** When it was made, ISO 8601 in UTC with milliseconds. */
  readonly time: string;
}

/** The `typ` of an anchor's JWS: no token passes for an anchor, and no anchor for a token. */
export const anchorType = "audit-anchor+jwt";

/** The most heads of an anchor: 1.9 MB. What is left goes into the next. */
export const mostHeads = 10_000;

/** Where an anchor comes: after which, when, and what is removed by then. */
export interface AnchorPlace {
  readonly last: { readonly number: number; readonly jws: string } | undefined;
  readonly now: Date;
  /** See `Anchor.pruned`; null unless given. */
  readonly pruned?: string | null | undefined;
}

/** An anchor over these heads, its members in the order of RFC 8785. */
export function makeAnchor(heads: readonly Head[], { last, now, pruned = null }: AnchorPlace): Anchor {
  const sorted = heads.map(({ chain, count, hash: text }) => ({ chain, count, hash: text })).toSorted(byChain);
  return {
    heads: sorted,
    number: (last?.number ?? 0) + 1,
    previous: last ? digestOfJws(last.jws) : null,
    pruned,
    root: rootOf(sorted),
    time: now.toISOString(),
  };
}

/** The root over heads, each in the JSON Canonicalization Scheme (RFC 8785). */
export function rootOf(heads: readonly Head[]): string {
  // Names in order, strings without anything to escape, whole numbers: JSON.stringify writes them as the RFC does.
  const leaf = ({ chain, count, hash: text }: Head) => Buffer.from(JSON.stringify({ chain, count, hash: text }));
  return merkleRoot(heads.map(leaf)).toString("base64url");
}

/** How the next anchor names this one. */
export function digestOfJws(jws: string): string {
  return hash("sha256", jws, "buffer").toString("base64url");
}

function byChain(one: Head, other: Head): number {
  return one.chain < other.chain ? -1 : 1;
}
