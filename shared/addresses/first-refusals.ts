import { networkOf } from "../platform/network.ts";

/**
 * Makes a function that tells whether a refusal is the first of its network for ten minutes: one event tells of all. It
 * remembers so many networks at most, those that were refused first no longer than that.
 */
export function createFirstRefusals(most = 10_000): (address: string | undefined, now: Date) => boolean {
  /** In the order in which they were refused first. */
  const since = new Map<string, number>();
  return (address, now) => {
    const network = networkOf(address);
    const before = since.get(network);
    if (before !== undefined && Math.abs(now.getTime() - before) < windowMilliseconds) return false;
    since.delete(network);
    since.set(network, now.getTime());
    const [oldest] = since.keys();
    if (since.size > most && oldest !== undefined) since.delete(oldest);
    return true;
  };
}

const windowMilliseconds = 10 * 60 * 1000;
