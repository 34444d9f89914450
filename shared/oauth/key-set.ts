import { createRemoteJWKSet, customFetch, errors, type CompactVerifyGetKey } from "jose";
import { boundedFetch, isObject, parseJson, withoutEmpty } from "./bounded-fetch.ts";
import { ProviderUnavailable } from "./refusals.ts";

/** So many times in a row a key set is read for an unknown `kid`, and then once in so long. */
const [atOnce, pauseMilliseconds] = [3, 10_000];

/**
 * The keys of a provider, kept for 10 minutes. One that they lack is looked for at the provider: it may have changed its
 * keys a moment ago. But anybody can send tokens with a `kid` of their own making, hence the bound. Who uses it up holds
 * nobody up for longer than the pause, and has the keys read for everybody.
 */
export function openKeySet(uri: string): CompactVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(uri), {
    [customFetch]: readKeys,
    cooldownDuration: Number.POSITIVE_INFINITY,
  });
  const mayRead = createBound();
  return async ({ kid, ...header }, token) => {
    const sought = kid ? { kid, ...header } : header;
    try {
      return await keys(sought, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(keys.reloading || mayRead())) throw error;
      await keys.reload();
      return keys(sought, token);
    }
  };
}

async function readKeys(url: string, init: RequestInit): Promise<Response> {
  const response = await boundedFetch(url, { headers: init.headers ?? {} });
  if (response.status !== 200) throw new ProviderUnavailable(`its key set answers ${response.status}`);
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
