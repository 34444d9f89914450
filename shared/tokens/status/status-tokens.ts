import { addSeconds, toEpochSeconds } from "../../platform/clock.ts";
import { createLastKnown, type LastKnown } from "./last-known.ts";
import type { SigningKeys } from "../keys/signing-keys.ts";
import {
  createStatusBits,
  encodeStatusBits,
  markEnded,
  mostShards,
  servedShards,
  shardRange,
  wholeListRange,
  type IndexRange,
} from "./status-list.ts";

/** A signed list; the same object for as long as it is served. */
export interface StatusList {
  /** The JWT. */
  readonly text: string;
  /** The key that signed it. */
  readonly kid: string | undefined;
}

/** Where the contents of lists come from. */
export interface StatusSources {
  /** The highest index in use, of sessions and client tokens; undefined if there is none. */
  highest(): Promise<number | undefined>;
  /** The highest index at the time when there was a single list. */
  highestOfWholeList(): Promise<number>;
  /** Whether a token issued after `since` names, or may name, the single list. */
  isWholeListNamed(since: Date): Promise<boolean>;
  /** The positions, within a range, of what ended after `since` and may still be valid elsewhere; in batches. */
  ended(range: IndexRange, since: Date): AsyncIterable<readonly number[]>;
}

/** Names a list: a shard by its number, or the single list from before sharding. */
export type ListName = number | "whole";

/** The signed lists of ended tokens (IETF Token Status List). */
export interface StatusTokens {
  /**
   * A list as a JWT, remade if older than 10 seconds. While the database or the signing vault does not answer, the last
   * one is served for some minutes.
   * @returns undefined for a list that no token can name
   * @throws ApiError DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
   */
  current(name: ListName, sources: StatusSources, now: Date): Promise<StatusList | undefined>;
}

export interface StatusTokenOptions {
  readonly issuer: string;
  /** The URI of the lists. A shard's address, which is the `sub` of its token, is this with `/` and its number. */
  readonly uri: string;
}

/** The lists have no audience, so that no verifier that checks it takes one for an access token. */
export function createStatusTokens(keys: SigningKeys, { issuer, uri }: StatusTokenOptions): StatusTokens {
  /** The most recently requested is last. */
  const lists = new Map<ListName, LastKnown<StatusList>>();
  const highest = createLastKnown<number | undefined>(servedAtMostSeconds);
  const isWholeNamed = createLastKnown<boolean>(servedAtMostSeconds);
  // A list signed by a key that was withdrawn since would be refused.
  const isVerified = async ({ kid }: StatusList, now: Date) => (await keys.find(kid, now)) !== undefined;

  const keep = (name: ListName): LastKnown<StatusList> => {
    const list = lists.get(name) ?? createLastKnown<StatusList>(servedAtMostSeconds, isVerified);
    lists.delete(name);
    lists.set(name, list);
    const [oldest] = lists.keys();
    if (lists.size > mostKept && oldest !== undefined) lists.delete(oldest);
    return list;
  };
  /** Tokens issued or ended before this are no longer valid. */
  const endedBefore = async (now: Date) => addSeconds(now, -retainedSeconds(await keys.longestTokenSeconds(now)));
  const isServed = async (name: ListName, sources: StatusSources, now: Date): Promise<boolean> => {
    if (name === "whole") return isWholeNamed(async () => sources.isWholeListNamed(await endedBefore(now)), now);
    if (lists.has(name)) return true;
    return name < mostShards && name < servedShards(await highest(() => sources.highest(), now));
  };
  const make = async (name: ListName, sources: StatusSources, now: Date): Promise<StatusList> => {
    const since = await endedBefore(now);
    const range = name === "whole" ? wholeListRange(await sources.highestOfWholeList()) : shardRange(name);
    const bits = createStatusBits(range);
    for await (const positions of sources.ended(range, since)) markEnded(bits, range, positions);
    const issuedAt = toEpochSeconds(now);
    const claims = {
      iss: issuer,
      sub: name === "whole" ? uri : `${uri}/${name}`,
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds,
      ttl: statusTtlSeconds,
      status_list: { bits: 1, lst: encodeStatusBits(bits) },
    };
    const signer = await keys.settled(now);
    return { text: await signer.sign({ typ: "statuslist+jwt" }, claims), kid: signer.kid };
  };
  return {
    current: async (name, sources, now) =>
      (await isServed(name, sources, now)) ? keep(name)(() => make(name, sources, now), now) : undefined,
  };
}

/**
 * How long a verifier may keep a list. Together with its age when fetched, a verifier learns of an ended token within a
 * minute.
 */
export const statusTtlSeconds = 45;

/** A list older than this is refused, so that nobody can hold back a newer one. */
const lifetimeSeconds = 300;

/**
 * How long the last list is served while the database does not answer: an outage must not close the gateways. What
 * another instance with a working database ends meanwhile becomes known late.
 */
const servedAtMostSeconds = lifetimeSeconds - statusTtlSeconds;

/**
 * How long a list reports an ended session: 60 seconds for skew, and as much for calls under way.
 * @param longestTokenSeconds the lifetime of the longest access token
 */
const retainedSeconds = (longestTokenSeconds: number) => longestTokenSeconds + 120;

/**
 * How long after its end a session keeps its index: until no verifier holds a list that reports it.
 * @param longestTokenSeconds the lifetime of the longest access token
 */
export const statusIndexKeptSeconds = (longestTokenSeconds: number) =>
  retainedSeconds(longestTokenSeconds) + lifetimeSeconds;

/** The most lists in memory, 30 KB each. The least recently requested are dropped. */
const mostKept = 256;
