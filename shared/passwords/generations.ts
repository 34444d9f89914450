import type { Clock } from "../platform/clock.ts";
import { describeError, log } from "../platform/log.ts";

/** Reads which parameters the hashes of all accounts have, in the form of `hashParameters`; up to `limit` of them. */
export type ReadGenerations = (limit: number) => Promise<readonly string[]>;

/** The sets of parameters (generations) that every verification does one hash of. */
export interface Generations {
  /** @param own the parameters of the hash to verify, undefined for none. They are part of the answer. */
  counted(own: string | undefined): Promise<readonly string[]>;
}

/**
 * Keeps track of the generations in use, at most a minute old. The first caller waits for them; later they are reread
 * in the background.
 * @param today the parameters of new hashes
 */
export function createGenerations(today: string, read: ReadGenerations, clock: Clock): Generations {
  const met = new Map<string, number>();
  let known: { readonly inTable: readonly string[]; readonly readAt: number } | undefined;
  let reading: Promise<void> | undefined;
  const reread = (): Promise<void> => {
    reading ??= (async () => {
      const inTable = await read(maxRead);
      known = { inTable, readAt: clock.now().getTime() };
    })().finally(() => (reading = undefined));
    return reading;
  };
  return {
    async counted(own) {
      const now = clock.now().getTime();
      if (!known) await reread();
      else if (Math.abs(now - known.readAt) > maxAgeMilliseconds) reread().catch(tellWhy);
      if (own !== undefined && !known?.inTable.includes(own)) met.set(own, now);
      for (const [parameters, at] of met) if (Math.abs(now - at) > metForMilliseconds) met.delete(parameters);
      return choose(new Set([...(known?.inTable ?? []), ...met.keys()]), { today, own });
    },
  };
}

const maxAgeMilliseconds = 60_000;

/** How long to count parameters that were met on a row but are not (yet) in the table. */
const metForMilliseconds = 24 * 60 * 60 * 1000;

/**
 * The most hashes per verification. If accounts have more generations than this, the cheapest are left out; for a hash
 * of one of those, the cheapest counted one is dropped instead.
 */
export const maxGenerations = 10;
const maxRead = 5 * maxGenerations;

function tellWhy(error: unknown): void {
  log("warn", "password.generations_unread", { cause: describeError(error) });
}

/**
 * Today's parameters and the most expensive others. Sorted by their text, so that the order does not reveal whose hash
 * is being verified.
 */
function choose(all: ReadonlySet<string>, { today, own }: { today: string; own: string | undefined }): string[] {
  const others = [...all].filter((parameters) => parameters !== today);
  const counted = others.toSorted((one, other) => workOf(other) - workOf(one)).slice(0, maxGenerations - 1);
  if (own !== undefined && own !== today && !counted.includes(own)) counted.splice(-1, 1, own);
  return [today, ...counted].toSorted();
}

/** The number of memory blocks filled, which the time is proportional to (RFC 9106, section 3.4). */
function workOf(parameters: string): number {
  const [, memory, iterations] = /m=(\d+),t=(\d+)/.exec(parameters) ?? [];
  return Number(memory) * Number(iterations);
}
