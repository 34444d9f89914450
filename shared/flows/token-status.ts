import type { Services } from "../services.ts";
import type { StatusList } from "../tokens/status-tokens.ts";

/**
 * The signed list of the tokens that were ended and have not expired.
 * @returns undefined with `ALGORITHM=HS256`, where nobody but this service can verify it
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function tokenStatus(services: Services, now: Date): Promise<StatusList | undefined> {
  const { sessions, clientTokens, statusTokens } = services;
  return statusTokens?.current(async (since) => {
    const highest = [await sessions.highestStatusIndex(), await clientTokens.highestStatusIndex()];
    return {
      endedSessions: await sessions.endedSince(since),
      revokedClientTokens: await clientTokens.revokedSince(since),
      highest: Math.max(...highest.map((index) => index ?? 0)),
    };
  }, now);
}
