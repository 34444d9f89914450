import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import { deriveKey } from "../platform/crypto/derive.ts";
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
    const network = address === undefined ? unknownNetwork : mark(`network ${networkOf(address)}`);
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

/**
 * The network of an address: /24 for IPv4, /48 for IPv6; an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) counts
 * as IPv4.
 * @param address an address that `net.isIP` accepts
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address.split(".").slice(0, 3).join(".");
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 6).join() === "0,0,0,0,0,65535";
  const [high = 0, low = 0] = groups.slice(6);
  if (isMapped) return [high >> 8, high & 255, low >> 8].join(".");
  return groups
    .slice(0, 3)
    .map((group) => group.toString(16))
    .join(":");
}

/** The eight groups of an IPv6 address, without its zone. */
function groupsOf(address: string): number[] {
  const [text = ""] = address.split("%");
  const [head = [], tail = []] = text.split("::").map(numbersOf);
  return [...head, ...Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail];
}

/** The groups on one side of `::`; the last may be an IPv4 address, which counts as two. */
function numbersOf(side: string): number[] {
  if (side === "") return [];
  return side.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
