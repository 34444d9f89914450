import { createRemoteJWKSet, customFetch, errors, type CompactVerifyGetKey } from "jose";
import { boundedFetch } from "./bounded-fetch.ts";
import { isObject, parseJson, withoutEmpty } from "./json.ts";
import { ProviderUnavailable } from "./refusals.ts";

/**
 * The keys of a provider, kept for 10 minutes, or for an hour while they cannot be read again. That hour helps a thief
 * little: a stolen key that the provider removes is dropped at the first successful read, which is tried every 5
 * seconds.
 *
 * An unknown key is looked up at the provider, which may have changed its keys a moment ago. But anyone can send tokens
 * with a made-up `kid`, so these reads are limited. Someone who uses up the limit delays others by no more than the
 * pause, and makes the keys be read for everyone.
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

const keptMilliseconds = 10 * 60_000;
/** How long keys stay in use while they cannot be read again. */
const servedMilliseconds = 60 * 60_000;
/** The pause after a failed read, whatever tokens arrive meanwhile. */
const failedMilliseconds = 5000;
/** How many times in a row a key set is read for unknown `kid`s, and how often after that. */
const [atOnce, pauseMilliseconds] = [3, 10_000];

async function readKeys(url: string, init: RequestInit): Promise<Response> {
  const response = await boundedFetch(url, { headers: init.headers ?? {} });
  if (response.status !== 200) throw new ProviderUnavailable(`its key set endpoint answers ${response.status}`);
  const set = parseJson(await response.text());
  const keys: unknown = isObject(set) ? set["keys"] : undefined;
  // If there is no list of keys, jose reports it.
  return Response.json({ keys: Array.isArray(keys) ? keys.filter(isObject).map(withoutEmpty) : undefined });
}

/** A leaky bucket, stored as the time at which it will be empty. */
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
