import { deflateSync } from "node:zlib";

/**
 * The bit position for the index of a session or a client token. The two kinds take even and odd positions, so that
 * each is numbered independently.
 */
export function sessionPosition(index: number | null): number | undefined {
  return index === null ? undefined : 2 * index;
}

/** See `sessionPosition`. */
export function clientTokenPosition(index: number): number {
  return 2 * index + 1;
}

/** The indexes, of either kind, that one list holds: `count` of them from `first` on. */
export interface IndexRange {
  readonly first: number;
  readonly count: number;
}

/** Positions in a shard: 16 KiB as bits, less than 32 KiB as a token. */
const shardPositions = 2 ** 17;
const shardIndexes = shardPositions / 2;

/** Enough shards for every index that fits an `int`. */
export const mostShards = 2 ** 31 / shardIndexes;

/** The indexes of a shard. */
export function shardRange(shard: number): IndexRange {
  return { first: shard * shardIndexes, count: shardIndexes };
}

/**
 * How many shards are served while `highest` is the highest index in use: twice as many as needed, rounded up to a
 * power of two, so that tokens issued before the next check have a list too.
 */
export function servedShards(highest: number | undefined): number {
  const used = Math.floor((highest ?? 0) / shardIndexes) + 1;
  return Math.min(mostShards, 2 * nextPowerOfTwo(used));
}

/** The shard of a position, and the index within that shard. */
export function locate(position: number): { shard: number; index: number } {
  return { shard: Math.floor(position / shardPositions), index: position % shardPositions };
}

/**
 * The range of the single list from before sharding: as far as it reached then, including its spare room.
 * @param highest the highest index in use then
 */
export function wholeListRange(highest: number): IndexRange {
  return { first: 0, count: Math.max(shardIndexes, 2 * nextPowerOfTwo(highest + 1)) };
}

function nextPowerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

/** A status list of one bit per position, all 0, with room for these indexes. */
export function createStatusBits({ count }: IndexRange): Uint8Array {
  return new Uint8Array((2 * count) / 8);
}

/**
 * Sets the bits of ended sessions and tokens (Token Status List, section 4.1: the first position is the lowest bit of
 * the first byte).
 * @param range the indexes of the list; positions outside it are ignored
 */
export function markEnded(bits: Uint8Array, { first }: IndexRange, positions: readonly number[]): void {
  for (const position of positions) {
    const index = position - 2 * first;
    const byte = bits[Math.floor(index / 8)];
    if (byte !== undefined) bits[index >> 3] = byte | (1 << (index & 7));
  }
}

/**
 * The list as a token carries it (Token Status List, section 4.2): ZLIB at level 0, which means stored blocks. Any
 * inflater can read it, and so can an API Management policy, whose expressions cannot inflate.
 */
export function encodeStatusBits(bits: Uint8Array): string {
  return deflateSync(bits, { level: 0 }).toString("base64url");
}
