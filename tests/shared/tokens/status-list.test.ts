import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { claimIndex } from "../../../shared/platform/database/free-index.ts";
import { clientTokenPlace, encodeStatusBits, sessionPlace, statusBits } from "../../../shared/tokens/status-list.ts";

describe("a status list", () => {
  test("the example of the IETF's Token Status List, section 4.1: the first place is the lowest bit", () => {
    const places = [0, 3, 4, 5, 7, 8, 9, 13, 15];
    const bits = statusBits({
      endedSessions: places.filter((place) => place % 2 === 0).map((place) => place / 2),
      revokedClientTokens: places.filter((place) => place % 2 === 1).map((place) => (place - 1) / 2),
      highest: 15,
    });
    expect([...bits.subarray(0, 2)]).toEqual([0xb9, 0xa3]);
    expect(bits.subarray(2).every((byte) => byte === 0)).toBe(true);
  });

  test("sessions and client tokens never share a place", () => {
    const indexes = Array.from({ length: 1000 }, (_, index) => index);
    const places = [...indexes.map(sessionPlace), ...indexes.map(clientTokenPlace)];
    expect(new Set(places).size).toBe(2000);
    expect(sessionPlace(null)).toBeUndefined();
  });

  test.each([0, 1023, 1024, 5000, 20_000, 1_000_000])(
    "that was made with %i in use has room for what is issued while it is kept",
    async (count) => {
      const used = new Set(Array.from({ length: count }, (_, index) => index));
      let top = count - 1;
      const highest = count === 0 ? undefined : top;
      const { length } = statusBits({ endedSessions: [], revokedClientTokens: [], highest });
      const isIn = (place: number) => place < length * 8;
      const column = {
        highest: async () => (top < 0 ? undefined : top),
        take: async (index: number) => {
          if (used.has(index)) return undefined;
          used.add(index);
          top = Math.max(top, index);
          return index;
        },
      };
      for (let issued = 0; issued < 500; issued += 1)
        expect(isIn(clientTokenPlace(await claimIndex(column)))).toBe(true);
      expect(Math.log2(length) % 1, "its size tells no more than the order of magnitude").toBe(0);
    },
  );

  test.each([2048, 100_000, 300_000])("%i bytes come back from any inflater, and are stored as they are", (size) => {
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
  });
});
