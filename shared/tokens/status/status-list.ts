import { deflateSync } from "node:zlib";

/**
 * A place among all, by the index of a session or of a client's token. Either kind has every other place, so that each
 * counts for itself.
 */
export function sessionPlace(index: number | null): number | undefined {
  return index === null ? undefined : 2 * index;
}

/** See `sessionPlace`. */
export function clientTokenPlace(index: number): number {
  return 2 * index + 1;
}

/** The indexes of either kind that have their places in one list: from `first` on, `count` of them. */
export interface IndexRange {
  readonly first: number;
  readonly count: number;
}

/** Places of a shard: its list is of 16 KiB, and below 32 KiB as a token. */
const shardPlaces = 2 ** 17;
const shardIndexes = shardPlaces / 2;

/** As many shards are enough for all that an `int` can number. */
export const mostShards = 2 ** 31 / shardIndexes;

/** The indexes of a shard. */
export function shardRange(shard: number): IndexRange {
  return { first: shard * shardIndexes, count: shardIndexes };
}

/**
 * How many shards are served while `highest` is the highest index in use: twice as many as are in use, rounded up to a power
 * of two, so that what is issued before the next look at it has its list too.
 */
export function servedShards(highest: number | undefined): number {
  const used = Math.floor((highest ?? 0) / shardIndexes) + 1;
  return Math.min(mostShards, 2 * nextPowerOfTwo(used));
}

/** Where a place is found: its shard, and its place there. */
export function locate(place: number): { shard: number; index: number } {
  return { shard: Math.floor(place / shardPlaces), index: place % shardPlaces };
}

/**
 * The indexes of the single list from before sharding: as far as it reached then, with the room that it had.
 * @param highest the highest index that was in use then
 */
export function wholeListRange(highest: number): IndexRange {
  return { first: 0, count: Math.max(shardIndexes, 2 * nextPowerOfTwo(highest + 1)) };
}

function nextPowerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

/** A status list of one bit each, all of them 0: room for the places of these indexes. */
export function createStatusBits({ count }: IndexRange): Uint8Array {
  return new Uint8Array((2 * count) / 8);
}

/**
 * Sets the bits of what was ended (Token Status List, section 4.1: the first place is the lowest bit of the first byte).
 * @param range the indexes that the list is of; places of others are none of its business
 */
export function markEnded(bits: Uint8Array, { first }: IndexRange, places: readonly number[]): void {
  for (const place of places) {
    const index = place - 2 * first;
    const byte = bits[Math.floor(index / 8)];
    if (byte !== undefined) bits[index >> 3] = byte | (1 << (index & 7));
  }
}

/**
 * The list as it stands in the token (Token Status List, section 4.2): ZLIB at level 0, that is in stored blocks. Whoever
 * inflates can read it, and so can an API Management policy, whose expressions can not inflate.
 */
export function encodeStatusBits(bits: Uint8Array): string {
  return deflateSync(bits, { level: 0 }).toString("base64url");
}
