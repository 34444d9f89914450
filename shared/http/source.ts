import { isIP } from "node:net";
import type { Source } from "../platform/source.ts";

/**
 * The address that a call comes from, by the entry of `X-Forwarded-For` that the outermost trusted proxy appended: the entry at place
 * `trustedHops` from the right. What stands left of it is the caller's own word.
 * @returns an IPv4 or IPv6 address without port; undefined when there are fewer entries, or the entry is no address
 */
export function sourceAddress(forwardedFor: string | null, trustedHops: number): string | undefined {
  if (forwardedFor === null || trustedHops === 0) return undefined;
  const entry = forwardedFor.split(",").at(-trustedHops)?.trim() ?? "";
  // IPv4 may have a port; IPv6 has one only in brackets.
  const address =
    /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(entry)?.[1] ?? /^\[([^\]]+)\](?::\d{1,5})?$/.exec(entry)?.[1] ?? entry;
  return isIP(address) === 0 ? undefined : address;
}

/** Where a call comes from; a user agent is kept in part. */
export function readSource(headers: { get(name: string): string | null }, trustedHops: number): Source {
  const userAgent = headers.get("user-agent")?.slice(0, 200);
  return { address: sourceAddress(headers.get("x-forwarded-for"), trustedHops), userAgent };
}
