import { isIPv4 } from "node:net";

/**
 * The network that an address belongs to, as a key: who can use one address of it can usually use all. /24 for IPv4,
 * /64 for IPv6; an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) counts as IPv4.
 * @param address an address that `net.isIP` accepts; undefined for an unknown one: all of these are one network
 * @param groups how many groups of 16 bits of an IPv6 address count
 */
export function networkOf(address: string | undefined, groups = 4): string {
  if (address === undefined) return "unknown";
  if (isIPv4(address)) return address.split(".").slice(0, 3).join(".");
  const all = groupsOf(address);
  const isMapped = all.slice(0, 6).join() === "0,0,0,0,0,65535";
  const [high = 0, low = 0] = all.slice(6);
  if (isMapped) return [high >> 8, high & 255, low >> 8].join(".");
  return all
    .slice(0, groups)
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
