import { createRemoteJWKSet, customFetch, errors, type CompactVerifyGetKey } from "jose";
import { boundedFetch } from "./bounded-fetch.ts";
import { isObject, parseJson, withoutEmpty } from "./json.ts";
import { ProviderUnavailable } from "./refusals.ts";

const keptMilliseconds = 10 * 60_000;
/** So long they serve when they cannot be read again. */
const servedMilliseconds = 60 * 60_000;
/** A key set that cannot be read is not asked for again at once, whatever is sent meanwhile. */
const failedMilliseconds = 5000;
/** So many times in a row a key set is read for an unknown `kid`, and then once in so long. */
const [atOnce, pauseMilliseconds] = [3, 10_000];

/**
 * The keys of a provider, kept for 10 minutes, or for an hour while they cannot be read again. A thief gains little by that
 * hour: a stolen key that the provider removes goes with the first reading that succeeds, which is tried every 5 seconds.
 *
 * A key that they lack is looked for at the provider: it may have changed its keys a moment ago. But anybody can send tokens
 * with a `kid` of their own making, hence the bound. Who uses it up holds nobody up for longer than the pause, and has the
 * keys read for everybody.
 */
export function openKeySet(uri: string): CompactVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(uri), {
    [customFetch]: readKeys,
    cooldownDuration: Number.POSITIVE_INFINITY,
    cacheMaxAge: Number.POSITIVE_INFINITY,
  });
  const mayRead = createBound();
  let readAt = Number.NEGATIVE_INFINITY;
  let failed: { error: unknown; until: number } | undefined;
  const justFailed = () => (failed && performance.now() < failed.until ? failed : undefined);
  const read = async (): Promise<void> => {
    const failure = justFailed();
    if (failure) throw failure.error;
    try {
      await keys.reload();
      readAt = performance.now();
    } catch (error) {
      failed = { error, until: performance.now() + failedMilliseconds };
      throw error;
    }
  };
  const refresh = async (): Promise<void> => {
    if (performance.now() - readAt < keptMilliseconds) return;
    try {
      await read();
    } catch (error) {
      if (performance.now() - readAt >= servedMilliseconds) throw error;
    }
  };
  return async ({ kid, ...header }, token) => {
    const sought = kid ? { kid, ...header } : header;
    await refresh();
    try {
      return await keys(sought, token);
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey;
      if (!isUnknown || !(justFailed() || keys.reloading || mayRead())) throw error;
      await read();
      return keys(sought, token);
    }
  };
}

async function readKeys(url: string, init: RequestInit): Promise<Response> {
  const response = await boundedFetch(url, { headers: init.headers ?? {} });
  if (response.status !== 200) throw new ProviderUnavailable(`its key set endpoint answers ${response.status}`);
  const set = parseJson(await response.text());
  const keys: unknown = isObject(set) ? set["keys"] : undefined;
  // Without a list of keys it is none, which jose then says.
  return Response.json({ keys: Array.isArray(keys) ? keys.filter(isObject).map(withoutEmpty) : undefined });
}

/** A leaky bucket, as the time at which it will have run dry. */
function createBound(): () => boolean {
  let emptyAt = 0;
  return () => {
    const now = performance.now();
    const next = Math.max(emptyAt, now) + pauseMilliseconds;
    if (next > now + atOnce * pauseMilliseconds) return false;
    emptyAt = next;
    return true;
  };
}
