import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { deriveKey } from "../platform/crypto/derive.ts";
import { siteOf } from "../platform/network.ts";
import type { Source } from "../platform/source.ts";

/**
 * Makes the marks of where a token is used from: network, user agent and this instance, 8 bytes each. The first two are
 * keyed (HMAC-SHA-256), because there are so few networks that a plain hash would give them away.
 */
export function createUseMarks(secretKey: string): (source: Source) => Buffer {
  const key = createSecretKey(deriveKey(secretKey, "refresh token source v1"));
  const instance = randomBytes(markBytes);
  const mark = (text: string) => createHmac("sha256", key).update(text).digest().subarray(0, markBytes);
  return ({ address, userAgent }) => {
    const network = address === undefined ? unknownNetwork : mark(`network ${siteOf(address)}`);
    return Buffer.concat([network, mark(`agent ${userAgent ?? ""}`), instance]);
  };
}

const markBytes = 8;
const unknownNetwork = Buffer.alloc(markBytes);

/** The marks of a use that nothing is known about. */
export const unknownUse = Buffer.alloc(3 * markBytes);

/** What two uses of a token have in common. */
export interface UsesCompared {
  /** From another network *and* another user agent. An unknown network does not count as another. */
  readonly isElsewhere: boolean;
  /** The same network and user agent, as far as known, but another instance, whose clock may differ from ours. */
  readonly isSameByOtherClock: boolean;
}

/** Compares two uses by their marks. @param one null if a release without marks used the token */
export function compareUses(one: Buffer | null, other: Buffer): UsesCompared {
  if (!one) return { isElsewhere: false, isSameByOtherClock: false };
  const part = (marks: Buffer, place: number) => marks.subarray(place * markBytes, (place + 1) * markBytes);
  const [network, agent, instance] = [0, 1, 2].map((place) => part(one, place).equals(part(other, place)));
  const isNetworkKnown = ![one, other].some((marks) => part(marks, 0).equals(unknownNetwork));
  return {
    isElsewhere: isNetworkKnown && network === false && agent === false,
    isSameByOtherClock: network === true && agent === true && instance === false,
  };
}
