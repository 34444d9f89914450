import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  clientTokenPosition,
  createStatusBits,
  encodeStatusBits,
  locate,
  markEnded,
  mostShards,
  servedShards,
  sessionPosition,
  shardRange,
  wholeListRange,
  type IndexRange,
} from "../../../shared/tokens/status/status-list.ts";

describe("a status list", () => {
  test("the example of the IETF's Token Status List, section 4.1: the first place is the lowest bit", () => {
    const bits = createStatusBits(shardRange(0));
    markEnded(bits, shardRange(0), [0, 3, 4, 5, 7, 8, 9, 13, 15]);
    expect([...bits.subarray(0, 2)]).toEqual([0xb9, 0xa3]);
    expect(bits.subarray(2).every((byte) => byte === 0)).toBe(true);
  });

  test("sessions and client tokens never share a place", () => {
    const indexes = Array.from({ length: 1000 }, (_, index) => index);
    const places = [...indexes.map(sessionPosition), ...indexes.map(clientTokenPosition)];
    expect(new Set(places).size).toBe(2000);
    expect(sessionPosition(null)).toBeUndefined();
  });

  test.each([0, 1, 65_535, 65_536, 1_000_000, 2 ** 24, 2 ** 31 - 1])(
    "15.4 index %i has its place in the shard that its token names, and no other there is touched",
    (index) => {
      for (const place of [sessionPosition(index) ?? -1, clientTokenPosition(index)]) {
        const { shard, index: idx } = locate(place);
        const { first, count } = shardRange(shard);
        expect([index >= first, index < first + count, idx < 2 ** 17, shard < mostShards]).toEqual(Array(4).fill(true));
        const listOf = (range: IndexRange) => {
          const bits = createStatusBits(range);
          markEnded(bits, range, [place]);
          return bits;
        };
        const bits = listOf(shardRange(shard));
        expect(bits[idx >> 3]).toBe(1 << (idx & 7));
        expect(bits.filter((byte) => byte !== 0)).toHaveLength(1);
        for (const neighbour of [shard - 1, shard + 1])
          expect(
            listOf(shardRange(neighbour)).every((byte) => byte === 0),
            "in the shard beside it",
          ).toBe(true);
      }
    },
  );

  test("15.4 a shard is of 2^17 places, whatever the number of people; as many are served as may soon be in use", () => {
    for (const shard of [0, 1, 77, mostShards - 1]) expect(createStatusBits(shardRange(shard))).toHaveLength(16_384);
    expect([undefined, 0, 65_535, 65_536, 200_000, 1_000_000].map(servedShards)).toEqual([2, 2, 2, 4, 8, 32]);
    expect(servedShards(2 ** 31 - 1)).toBe(mostShards);
  });

  test.each([
    [0, 16_384],
    [20_000, 16_384],
    [40_000, 32_768],
    [1_000_000, 524_288],
  ])("the one list of before, with %i its highest index then, is of %i bytes for ever", (highest, bytes) => {
    expect(createStatusBits(wholeListRange(highest))).toHaveLength(bytes);
  });

  test.each([2048, 16_384, 100_000, 300_000])(
    "%i bytes come back from any inflater, and are stored as they are",
    (size) => {
      const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7) % 251);
      const encoded = Buffer.from(encodeStatusBits(bytes), "base64url");
      expect(inflateSync(encoded).equals(Buffer.from(bytes))).toBe(true);
      // Block by block, as a gateway's policy reads them: a byte that says which is the last, length, complement.
      let [at, found, isLast] = [2, Buffer.alloc(0), false];
      while (!isLast) {
        isLast = encoded.readUInt8(at) === 1;
        const stored = encoded.readUInt16LE(at + 1);
        expect(encoded.readUInt16LE(at + 3)).toBe(stored ^ 0xffff);
        found = Buffer.concat([found, encoded.subarray(at + 5, at + 5 + stored)]);
        at += 5 + stored;
      }
      expect(found.equals(Buffer.from(bytes))).toBe(true);
      expect(encoded.length).toBe(at + 4);
    },
  );
});
