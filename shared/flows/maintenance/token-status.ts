import type { CallContext } from "../../context.ts";
import { setImmediate } from "node:timers/promises";
import { clientTokenPosition, sessionPosition, type IndexRange } from "../../tokens/status/status-list.ts";
import type { ListName, StatusList } from "../../tokens/status/status-tokens.ts";

/**
 * The signed list of tokens that were ended before they expired: a shard, or the single list from before sharding.
 * @returns undefined for a list that no token can name, and with `ALGORITHM=HS256`, where only this service can verify
 * tokens
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
 * The most rows that one read returns, and the most indexes that it looks at: some milliseconds of work if all of them
 * were ended. The embedded engine does it on this thread, which others wait for.
 */
const portion = { rows: 2000, indexes: 2 ** 15 };

async function* endedPlaces(
  { services: { sessions, clients } }: CallContext,
  range: IndexRange,
  since: Date,
): AsyncGenerator<number[]> {
  for await (const indexes of portions((slice) => sessions.endedSince(since, slice), range))
    yield indexes.flatMap((index) => sessionPosition(index) ?? []);
  for await (const indexes of portions((slice) => clients.tokens.revokedSince(since, slice), range))
    yield indexes.map(clientTokenPosition);
}

type ReadSlice = (slice: { first: number; last: number; limit: number }) => Promise<number[]>;

/** The contents of a range, read slice by slice; after each slice, waiting calls have their turn. */
async function* portions(read: ReadSlice, { first, count }: IndexRange): AsyncGenerator<number[]> {
  const end = first + count;
  for (let next = first; next < end; await setImmediate()) {
    const last = Math.min(next + portion.indexes, end) - 1;
    const indexes = await read({ first: next, last, limit: portion.rows });
    yield indexes;
    next = 1 + (indexes.length < portion.rows ? last : (indexes.at(-1) ?? last));
  }
}
