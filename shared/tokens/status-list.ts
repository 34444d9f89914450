import { deflateSync } from "node:zlib";
import { rangeAbove } from "../platform/database/free-index.ts";

/**
 * A place in the list, by the index of a session or of a client's token. Either kind has every other place, so that each
 * counts for itself.
 */
export function sessionPlace(index: number | null): number | undefined {
  return index === null ? undefined : 2 * index;
}

/** See `sessionPlace`. */
export function clientTokenPlace(index: number): number {
  return 2 * index + 1;
}

const leastPlaces = 2 ** 16;

/** What a status list is made of: indexes of either kind. */
export interface StatusSources {
  readonly endedSessions: readonly number[];
  readonly revokedClientTokens: readonly number[];
  /** The highest index in use, of both kinds. */
  readonly highest: number | undefined;
}

/**
 * A status list of one bit each: 1 for what was ended (Token Status List, section 4.1: the first place is the lowest bit of
 * the first byte). It has room for twice as many as there may be now, and for 32,768 of each kind at the least, so
 * that whatever is issued before a verifier looks again has its place in the list that the verifier has.
 */
export function statusBits({ endedSessions, revokedClientTokens, highest }: StatusSources): Uint8Array {
  const bits = new Uint8Array(Math.max(leastPlaces, 2 * 2 * rangeAbove(highest)) / 8);
  const places = [
    ...endedSessions.flatMap((index) => sessionPlace(index) ?? []),
    ...revokedClientTokens.map(clientTokenPlace),
  ];
  for (const place of places) bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
  return bits;
}

/**
 * The list as it stands in the token (Token Status List, section 4.2): ZLIB at level 0, that is in stored blocks. Whoever
 * inflates can read it, and so can an API Management policy, whose expressions can not inflate.
 */
export function encodeStatusBits(bits: Uint8Array): string {
  return deflateSync(bits, { level: 0 }).toString("base64url");
}
