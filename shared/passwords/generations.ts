import type { Clock } from "../platform/clock.ts";
import { describeError, log } from "../platform/log.ts";

/** What the hashes of all accounts cost, as `hashParameters` says; at most `limit` of them. */
export type ReadGenerations = (limit: number) => Promise<readonly string[]>;

/** The parameters that every verification does one hash of. */
export interface Generations {
  /** @param own the parameters of the hash that is verified; undefined for none. They are among the answer. */
  counted(own: string | undefined): Promise<readonly string[]>;
}

const maxAgeMilliseconds = 60_000;

/** How long parameters count that were met on a row, and are not (yet) noted in the table. */
const metForMilliseconds = 24 * 60 * 60 * 1000;

/**
 * So many hashes a verification does at the most. Where accounts have more generations, the cheapest are left out: a hash of
 * one of those is verified instead of the cheapest that is counted.
 */
export const maxGenerations = 10;
const maxRead = 5 * maxGenerations;

/**
 * Which generations of parameters there are, as it was known a minute ago at the most. The first caller waits for them; later
 * they are reread beside the work.
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

function tellWhy(error: unknown): void {
  log("warn", "password.generations_unread", { cause: describeError(error) });
}

/** Today's, and of the others the most expensive; in the order of their texts, which tells nothing of whose hash it is. */
function choose(all: ReadonlySet<string>, { today, own }: { today: string; own: string | undefined }): string[] {
  const others = [...all].filter((parameters) => parameters !== today);
  const counted = others.toSorted((one, other) => workOf(other) - workOf(one)).slice(0, maxGenerations - 1);
  if (own !== undefined && own !== today && !counted.includes(own)) counted.splice(-1, 1, own);
  return [today, ...counted].toSorted();
}

/** Blocks of memory that are filled, whose number the time goes by (RFC 9106, section 3.4). */
function workOf(parameters: string): number {
  const [, memory, iterations] = /m=(\d+),t=(\d+)/.exec(parameters) ?? [];
  return Number(memory) * Number(iterations);
}
