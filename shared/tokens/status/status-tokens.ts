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

/** How long a verifier may keep a list; with the age that it has when it is fetched, an ended token is known in a minute. */
export const statusTtlSeconds = 45;

/** A list that was held back is refused after this. */
const lifetimeSeconds = 300;

/**
 * While the database does not answer, the last list is given out for so long: an outage must not close the gateways. What
 * another instance has ended meanwhile, if that one still has the database, is then known later than it should be.
 */
const servedAtMostSeconds = lifetimeSeconds - statusTtlSeconds;

/**
 * For how long a list tells of a session that has ended: 60 seconds of skew, and as much for calls under way.
 * @param longestTokenSeconds how long the longest access token lives
 */
const retainedSeconds = (longestTokenSeconds: number) => longestTokenSeconds + 120;

/**
 * When the place of a session that has ended may be given to another: no list that a verifier still has says that it ended.
 * @param longestTokenSeconds how long the longest access token lives
 */
export const placeKeptSeconds = (longestTokenSeconds: number) => retainedSeconds(longestTokenSeconds) + lifetimeSeconds;

/** Lists in memory, of 30 KB each. Of more, those are made again that were asked for longest ago. */
const mostKept = 256;

/** A list, the same object for as long as it is given out. */
export interface StatusList {
  /** The JWT. */
  readonly text: string;
  /** The key that signed it. */
  readonly kid: string | undefined;
}

/** What lists are made of. */
export interface StatusSources {
  /** The highest index in use, of sessions and of clients' tokens; undefined when there is none. */
  highest(): Promise<number | undefined>;
  /** The highest index of when there was one list for all. */
  highestOfWholeList(): Promise<number>;
  /** Whether a token names that list which was issued after `since`, or may have been. */
  isWholeListNamed(since: Date): Promise<boolean>;
  /** The places within a range of what was ended after `since`, and so may still be valid elsewhere; in portions. */
  ended(range: IndexRange, since: Date): AsyncIterable<readonly number[]>;
}

/** Names a list: a shard by its number, or the single list from before sharding. */
export type ListName = number | "whole";

/** The signed lists of the tokens that were ended (IETF Token Status List). */
export interface StatusTokens {
  /**
   * A list as a JWT, made anew when it is older than 10 seconds; the last one for some minutes while the database, or the
   * vault that signs, does not answer.
   * @returns undefined for a list that no token can name
   * @throws ApiError DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
   */
  current(name: ListName, sources: StatusSources, now: Date): Promise<StatusList | undefined>;
}

export interface StatusTokenOptions {
  readonly issuer: string;
  /** Where the lists are found: a shard's address, the `sub` of its token, is this with `/` and its number. */
  readonly uri: string;
}

/** The tokens have no audience, so that nobody who looks for one takes them for access tokens. */
export function createStatusTokens(keys: SigningKeys, { issuer, uri }: StatusTokenOptions): StatusTokens {
  /** Those that were asked for last stand last. */
  const lists = new Map<ListName, LastKnown<StatusList>>();
  const highest = createLastKnown<number | undefined>(servedAtMostSeconds);
  const isWholeNamed = createLastKnown<boolean>(servedAtMostSeconds);
  // A list that was signed by a key that was withdrawn since would be refused.
  const isVerified = async ({ kid }: StatusList, now: Date) => (await keys.find(kid, now)) !== undefined;

  const keep = (name: ListName): LastKnown<StatusList> => {
    const list = lists.get(name) ?? createLastKnown<StatusList>(servedAtMostSeconds, isVerified);
    lists.delete(name);
    lists.set(name, list);
    const [oldest] = lists.keys();
    if (lists.size > mostKept && oldest !== undefined) lists.delete(oldest);
    return list;
  };
  /** Whatever was issued or ended before this has no valid token left. */
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
    for await (const places of sources.ended(range, since)) markEnded(bits, range, places);
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
