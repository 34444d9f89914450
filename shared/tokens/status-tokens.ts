import { toEpochSeconds } from "../platform/clock.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { encodeStatusBits, statusBits, type StatusSources } from "./status-list.ts";
import { unlessSlow } from "./unless-slow.ts";

/** How long a verifier may keep a list; with the age that it has when it is fetched, an ended token is known in a minute. */
export const statusTtlSeconds = 45;

/** What a list says is never older than this when it is given out. */
const rebuiltAfterSeconds = 10;

/** A list that somebody kept back is refused after this. */
const lifetimeSeconds = 300;

/** While the database is away nothing is ended, and the last list goes on being true for as long as verifiers may keep it. */
const servedAtMostSeconds = lifetimeSeconds - statusTtlSeconds;

/** The signed list of the tokens that were ended (IETF Token Status List). */
export interface StatusTokens {
  /**
   * The list as a JWT, made anew when it is older than 10 seconds; the last one for some minutes while the database does
   * not answer.
   * @param read what was ended after this instant, and so may still be valid elsewhere
   * @throws ApiError DATABASE_UNAVAILABLE
   */
  current(read: (since: Date) => Promise<StatusSources>, now: Date): Promise<string>;
}

export interface StatusTokenOptions {
  readonly issuer: string;
  /** Where the list is found: the `sub` of its token. */
  readonly uri: string;
}

/** The token has no audience, so that nobody who looks for one takes it for an access token. */
export function createStatusTokens(keys: SigningKeys, { issuer, uri }: StatusTokenOptions): StatusTokens {
  let last: { readonly token: string; readonly builtAt: number } | undefined;
  let building: Promise<string> | undefined;

  const build = async (read: (since: Date) => Promise<StatusSources>, now: Date): Promise<string> => {
    // Whatever was ended before this has no valid token left: 60 seconds of skew, and as much for calls under way.
    const retainedSeconds = (await keys.longestTokenSeconds(now)) + 120;
    const since = new Date(now.getTime() - retainedSeconds * 1000);
    const issuedAt = toEpochSeconds(now);
    const claims = {
      iss: issuer,
      sub: uri,
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds,
      ttl: statusTtlSeconds,
      status_list: { bits: 1, lst: encodeStatusBits(statusBits(await read(since))) },
    };
    const token = await (await keys.settled(now)).sign({ typ: "statuslist+jwt" }, claims);
    last = { token, builtAt: now.getTime() };
    return token;
  };
  return {
    async current(read, now) {
      const ageSeconds = last ? Math.abs(now.getTime() - last.builtAt) / 1000 : Number.POSITIVE_INFINITY;
      if (last && ageSeconds < rebuiltAfterSeconds) return last.token;
      building ??= build(read, now).finally(() => (building = undefined));
      return last && ageSeconds < servedAtMostSeconds ? unlessSlow(building, last.token) : building;
    },
  };
}
