import type { CallContext } from "../../context.ts";
import { setImmediate } from "node:timers/promises";
import { clientTokenPlace, sessionPlace, type IndexRange } from "../../tokens/status/status-list.ts";
import type { ListName, StatusList } from "../../tokens/status/status-tokens.ts";

/**
 * The signed list of the tokens that were ended and have not expired: a shard of it, or what was one list before.
 * @returns undefined for a list that no token can name, and with `ALGORITHM=HS256`, where nobody but this service can verify it
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function currentStatusList(context: CallContext, name: ListName): Promise<StatusList | undefined> {
  const { services, now } = context;
  const { sessions, clients, tokens } = services;
  const sources = {
    highestOfWholeList: () => sessions.highestOfWholeList(),
    isWholeListNamed: async (since: Date) =>
      (await sessions.isUsedByReleaseBefore(since)) || clients.tokens.isUsedByReleaseBefore(since),
    async highest() {
      const highest = [await sessions.highestStatusIndex(), await clients.tokens.highestStatusIndex()];
      return Math.max(...highest.map((index) => index ?? 0));
    },
    ended: (range: IndexRange, since: Date) => endedPlaces(context, range, since),
  };
  return tokens.status?.current(name, sources, now);
}

/**
 * What one read may find, and how many indexes it looks at for it: some milliseconds' work where all of them were ended. The
 * embedded engine does it on this thread, which others wait for.
 */
const portion = { rows: 2000, indexes: 2 ** 15 };

async function* endedPlaces(
  { services: { sessions, clients } }: CallContext,
  range: IndexRange,
  since: Date,
): AsyncGenerator<number[]> {
  for await (const indexes of portions((slice) => sessions.endedSince(since, slice), range))
    yield indexes.flatMap((index) => sessionPlace(index) ?? []);
  for await (const indexes of portions((slice) => clients.tokens.revokedSince(since, slice), range))
    yield indexes.map(clientTokenPlace);
}

type ReadSlice = (slice: { first: number; last: number; limit: number }) => Promise<number[]>;

/** What lies in a range, read slice by slice; after each of them calls that wait have their turn. */
async function* portions(read: ReadSlice, { first, count }: IndexRange): AsyncGenerator<number[]> {
  const end = first + count;
  for (let next = first; next < end; await setImmediate()) {
    const last = Math.min(next + portion.indexes, end) - 1;
    const indexes = await read({ first: next, last, limit: portion.rows });
    yield indexes;
    next = 1 + (indexes.length < portion.rows ? last : (indexes.at(-1) ?? last));
  }
}
