import { isIP } from "node:net";
import type { Source } from "../platform/source.ts";

/**
 * The address that a call comes from: the entry of `X-Forwarded-For` that the outermost trusted proxy appended,
 * `trustedHops` from the right. Entries left of it are the caller's own claim.
 * @returns an IPv4 or IPv6 address without port; undefined if there are fewer entries, or the entry is not an address
 */
export function sourceAddress(forwardedFor: string | null, trustedHops: number): string | undefined {
  if (forwardedFor === null || trustedHops === 0) return undefined;
  const entry = forwardedFor.split(",").at(-trustedHops)?.trim() ?? "";
  // IPv4 may have a port; IPv6 has one only in brackets.
  const address =
    /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(entry)?.[1] ?? /^\[([^\]]+)\](?::\d{1,5})?$/.exec(entry)?.[1] ?? entry;
  return isIP(address) === 0 ? undefined : address;
}

/** Where a call comes from: its address, and the first 200 characters of its user agent. */
export function readSource(headers: { get(name: string): string | null }, trustedHops: number): Source {
  const userAgent = headers.get("user-agent")?.slice(0, 200);
  return { address: sourceAddress(headers.get("x-forwarded-for"), trustedHops), userAgent };
}
