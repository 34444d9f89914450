import { toEpochSeconds } from "../platform/clock.ts";
import { currentBudget, withinBudget } from "../platform/database/budget.ts";
import { ApiError } from "../platform/errors.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { encodeStatusBits, statusBits, type StatusSources } from "./status-list.ts";

/** How long a verifier may keep a list; with the age that it has when it is fetched, an ended token is known in a minute. */
export const statusTtlSeconds = 45;

/** What a list says is never older than this when it is given out. */
const rebuiltAfterSeconds = 10;

/** A list that somebody kept back is refused after this. */
const lifetimeSeconds = 300;

/**
 * While the database does not answer, the last list is given out for so long: an outage must not close the gateways. What
 * another instance has ended meanwhile, if that one still has the database, is then known later than it should be.
 */
const servedAtMostSeconds = lifetimeSeconds - statusTtlSeconds;

/** A list, the same object for as long as it is given out. */
export interface StatusList {
  /** The JWT. */
  readonly text: string;
  readonly builtAt: number;
  /** The key that signed it. */
  readonly kid: string | undefined;
}

/** The signed list of the tokens that were ended (IETF Token Status List). */
export interface StatusTokens {
  /**
   * The list as a JWT, made anew when it is older than 10 seconds; the last one for some minutes while the database, or
   * the vault that signs, does not answer.
   * @param read what was ended after this instant, and so may still be valid elsewhere
   * @throws ApiError DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
   */
  current(read: (since: Date) => Promise<StatusSources>, now: Date): Promise<StatusList>;
}

export interface StatusTokenOptions {
  readonly issuer: string;
  /** Where the list is found: the `sub` of its token. */
  readonly uri: string;
}

/** The token has no audience, so that nobody who looks for one takes it for an access token. */
export function createStatusTokens(keys: SigningKeys, { issuer, uri }: StatusTokenOptions): StatusTokens {
  let last: StatusList | undefined;
  let building: Promise<StatusList> | undefined;

  const build = async (read: (since: Date) => Promise<StatusSources>, now: Date): Promise<StatusList> => {
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
    const signer = await keys.settled(now);
    const text = await signer.sign({ typ: "statuslist+jwt" }, claims);
    return (last = { text, builtAt: now.getTime(), kid: signer.kid });
  };
  /** Without an answer of the database within seconds the last list counts, for as long as it may. */
  const buildOrLast = async (read: (since: Date) => Promise<StatusSources>, now: Date): Promise<StatusList> => {
    const before = last;
    if (!before || ageSeconds(before, now) >= servedAtMostSeconds) return build(read, now);
    try {
      return await withinBudget(currentBudget(1500, 1500), () => build(read, now));
    } catch (error) {
      if (error instanceof ApiError && error.status === 503) return before;
      throw error;
    }
  };
  return {
    async current(read, now) {
      const isNew = last && ageSeconds(last, now) < rebuiltAfterSeconds;
      // A list that was signed by a key that was withdrawn since would be refused.
      if (last && isNew && (await keys.find(last.kid, now))) return last;
      building ??= buildOrLast(read, now).finally(() => (building = undefined));
      return building;
    },
  };
}

const ageSeconds = ({ builtAt }: StatusList, now: Date) => Math.abs(now.getTime() - builtAt) / 1000;
