import { parseAddress, widen, type Network } from "../platform/network.ts";

export type Verdict = "allow" | "deny";

/** What is to become of calls from a network. */
export interface Rule {
  readonly network: Network;
  readonly verdict: Verdict;
  /** When it ends; never unless given. */
  readonly expiresAt?: Date;
}

/**
 * Makes a function that finds the verdict on an address: that of the smallest network that contains it and has a rule;
 * where rules on one network differ, `deny`. It takes as long for a thousand rules as for one.
 * @returns a function that returns undefined for an address that no rule is about, or that is unknown
 */
export function createJudge(rules: readonly Rule[]): (address: string | undefined, now: Date) => Verdict | undefined {
  const byNetwork = Map.groupBy(rules, ({ network }) => keyOf(network));
  const sizes = new Set(rules.map(({ network: { bits } }) => bits));
  const smallestFirst = [...sizes].toSorted((one, other) => other - one);
  return (address, now) => {
    const host = rules.length === 0 ? undefined : parseAddress(address);
    if (!host) return undefined;
    for (const bits of smallestFirst) {
      const about = bits > host.bits ? [] : (byNetwork.get(keyOf(widen(host, bits))) ?? []);
      const standing = about.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
      if (standing.length > 0) return standing.some(({ verdict }) => verdict === "deny") ? "deny" : "allow";
    }
    return undefined;
  };
}

const keyOf = ({ family, bits, prefix }: Network) => `${family}/${bits}/${prefix.toString(16)}`;
