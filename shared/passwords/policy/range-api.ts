import type { Clock } from "../../platform/clock.ts";
import { AnswerTooLong, fetchWithin } from "../../platform/fetch-within.ts";
import { log } from "../../platform/log.ts";
import type { BreachCheck } from "../../platform/readiness.ts";

/** Looks up SHA-1 hashes, as 40 upper-case hex digits, by the range API of Have I Been Pwned. */
export interface RangeApi {
  /** Whether a hash is known; undefined if the API does not answer. */
  has(hash: string): Promise<boolean | undefined>;
  standing(): BreachCheck["status"];
}

export interface RangeSettings {
  readonly baseUrl: string;
  /** In all: connection, answer and body. */
  readonly timeoutMilliseconds: number;
}

/**
 * Only the first five digits leave the service, and padding hides how many hashes share them. Answers are kept for ten
 * minutes, because a form that is refused is sent again. After three failures in a row the API is left alone for ten
 * seconds, so that an outage costs each person less than a timeout; a single slow answer lets one password through, and
 * not everybody's.
 */
export function createRangeApi(settings: RangeSettings, clock: Clock): RangeApi {
  const kept = new Map<string, { readonly suffixes: Promise<ReadonlySet<string>>; readonly at: number }>();
  let state: BreachCheck["status"] = "not asked yet";
  let failures = 0;
  let [failedAt, saidAt]: (number | undefined)[] = [];
  const isWithin = (at: number | undefined, milliseconds: number): boolean =>
    at !== undefined && Math.abs(clock.now().getTime() - at) < milliseconds;
  const isPaused = () => failures >= mostFailures && isWithin(failedAt, pauseMilliseconds);
  const ask = async (prefix: string): Promise<ReadonlySet<string>> => {
    try {
      const suffixes = await fetchRange(settings, prefix);
      state = "up";
      failures = 0;
      return suffixes;
    } catch (error) {
      kept.delete(prefix);
      failures += 1;
      failedAt = clock.now().getTime();
      if (!isWithin(saidAt, pauseMilliseconds)) {
        saidAt = failedAt;
        log("warn", "password.breach_check_unavailable", { reason: reasonOf(error) });
      }
      state = "down";
      throw error;
    }
  };
  return {
    async has(hash) {
      const [prefix, suffix] = [hash.slice(0, 5), hash.slice(5)];
      let entry = kept.get(prefix);
      if (!entry || !isWithin(entry.at, keptMilliseconds)) {
        if (isPaused()) return undefined;
        kept.delete(prefix);
        entry = { suffixes: ask(prefix), at: clock.now().getTime() };
        kept.set(prefix, entry);
        for (const [oldest] of kept) if (kept.size > mostKept) kept.delete(oldest);
      }
      return entry.suffixes.then(
        (suffixes) => suffixes.has(suffix),
        () => undefined,
      );
    },
    standing: () => state,
  };
}

/** In a row. */
const mostFailures = 3;
const pauseMilliseconds = 10_000;
const keptMilliseconds = 600_000;
/** About 100 KB each. */
const mostKept = 50;

/** An answer with padding has 40 KB. */
const maxBytes = 256 * 1024;

/** What the API says of itself, fit for a log. */
class RangeApiFault extends Error {}

async function fetchRange(
  { baseUrl, timeoutMilliseconds }: RangeSettings,
  prefix: string,
): Promise<ReadonlySet<string>> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const attempt = () => fetchOnce(`${baseUrl}/range/${prefix}`, signal);
  return attempt().catch((error: unknown) => {
    if (error instanceof RangeApiFault || signal.aborted) throw error;
    // A connection that was kept may have been closed at the other end just now.
    return attempt();
  });
}

async function fetchOnce(url: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { status, body } = await fetchWithin(url, { headers: { "Add-Padding": "true" }, signal, maxBytes }).catch(
    (error: unknown) => {
      throw error instanceof AnswerTooLong ? new RangeApiFault(`answers ${error.message}`) : error;
    },
  );
  if (status !== 200) throw new RangeApiFault(`answers ${status}`);
  return readSuffixes(body.toString("latin1"));
}

/**
 * The suffixes of a range: lines of 35 hex digits, a colon and a count. Lines of padding have the count 0.
 * @throws RangeApiFault if a line is no such line, as of a portal's page, or if there is none: every range has hundreds
 */
export function readSuffixes(text: string): ReadonlySet<string> {
  const suffixes = new Set<string>();
  if (text.trim() === "") throw new RangeApiFault("answers nothing");
  for (const line of text.split("\n")) {
    const [, suffix, count] = /^([\dA-F]{35}):(\d{1,15})\r?$/i.exec(line) ?? [];
    if (suffix === undefined && line.trim() !== "") throw new RangeApiFault("answers something else than a range");
    if (suffix !== undefined && Number(count) > 0) suffixes.add(suffix.toUpperCase());
  }
  return suffixes;
}

/** Why a call failed, without its URL, which has the prefix. */
function reasonOf(error: unknown): string {
  if (error instanceof RangeApiFault) return error.message;
  if (!(error instanceof Error)) return "cannot be called";
  if (error.name === "TimeoutError") return "does not answer in time";
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? `cannot be reached (${code})` : "cannot be called";
}
