import { isIP, isIPv4 } from "node:net";

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
  const [high = 0, low = 0] = all.slice(6);
  if (isMapped(all)) return [high >> 8, high & 255, low >> 8].join(".");
  return all
    .slice(0, groups)
    .map((group) => group.toString(16))
    .join(":");
}

/**
 * The network of one customer: the /48 of an IPv6 address, of which a provider gives each of them that many /64 (RFC 6177);
 * a phone that roams within one site keeps it, too. /24 for IPv4.
 * @param address as `networkOf` takes it
 */
export const siteOf = (address: string | undefined): string => networkOf(address, 3);

/**
 * The host that an address belongs to, as a key: the address itself for IPv4, its /64 for IPv6, of which a host has all.
 * @param address as for `networkOf`
 */
export function hostOf(address: string | undefined): string {
  const parsed = parseAddress(address);
  return parsed?.family === 4 ? formatNetwork(parsed) : networkOf(address);
}

/** Addresses that share their first bits. An IPv4-mapped IPv6 network is the IPv4 one. */
export interface Network {
  readonly family: 4 | 6;
  /** How many bits are shared: 32 or 128 for a single address. */
  readonly bits: number;
  /** These bits, as a number. */
  readonly prefix: bigint;
}

/** The network of a single address. @returns undefined for a text that is no address, and for an unknown address */
export function parseAddress(text: string | undefined): Network | undefined {
  if (text === undefined || isIP(text) === 0) return undefined;
  const groups = groupsOf(isIPv4(text) ? `::ffff:${text}` : text);
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return isMapped(groups)
    ? { family: 4, bits: 32, prefix: value & 0xffff_ffffn }
    : { family: 6, bits: 128, prefix: value };
}

/**
 * An address, or a network in CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3).
 * @returns undefined for anything else, and for a network whose address has bits beyond the shared ones: one that was meant
 * otherwise would let in, or keep out, more than was meant
 */
export function parseNetwork(text: string): Network | undefined {
  const [address = "", size, ...rest] = text.split("/");
  const host = address.includes("%") ? undefined : parseAddress(address);
  if (!host || rest.length > 0) return undefined;
  if (size === undefined) return host;
  const writtenBits = isIPv4(address) ? 32 : 128;
  const bits = Number(size) - (writtenBits - host.bits);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(size) || bits < 0 || bits > host.bits) return undefined;
  const network = widen(host, bits);
  return network.prefix << BigInt(host.bits - bits) === host.prefix ? network : undefined;
}

/** The network of `bits` bits around a smaller one. */
export function widen({ family, bits: before, prefix }: Network, bits: number): Network {
  return { family, bits, prefix: prefix >> BigInt(before - bits) };
}

/** A network in CIDR notation, each in one spelling: IPv6 as RFC 5952 has it. */
export function formatNetwork({ family, bits, prefix }: Network): string {
  const width = family === 4 ? 32 : 128;
  const digits = (prefix << BigInt(width - bits)).toString(16).padStart(width / 4, "0");
  if (family === 4) return `${(digits.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(".")}/${bits}`;
  const { hostname } = new URL(`http://[${(digits.match(/.{4}/g) ?? []).join(":")}]`);
  return `${hostname.slice(1, -1)}/${bits}`;
}

/** Whether an IPv6 address stands for an IPv4 one (RFC 4291, section 2.5.5.2). */
const isMapped = (groups: readonly number[]) => groups.slice(0, 6).join() === "0,0,0,0,0,65535";

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
