import { ifAllowed, LatchkeyError } from "./errors.ts";
import type { Keeper } from "./keeper.ts";

/** How long not to retry with a server that refused even a new token. */
const vainForMs = 30_000;

/**
 * Makes a check of whether a URL's server may see the access token: its origin must be one of these. @throws
 * LatchkeyError
 */
export function tokenReceivers(urls: readonly string[]): (url: URL) => boolean {
  // Not `origin`: for an app's own schemes that is always "null".
  const originOf = ({ protocol, host }: URL) => `${protocol}//${host}`;
  const listed = new Set(
    urls.map((text) => {
      const url = ifAllowed(() => new URL(text));
      if (!url?.host || url.host.includes("*"))
        throw new LatchkeyError(
          "INVALID_OPTIONS",
          `${text} does not name a server: use an absolute URL without wildcards`,
        );
      return originOf(url);
    }),
  );
  return (url) => listed.has(originOf(url));
}

/**
 * A `fetch` that adds the access token (RFC 6750, section 2.1). After a 401 it renews the session and sends the request
 * once more, for the same person only.
 * @param mayReceive whether a URL's server may see the token
 * @throws LatchkeyError if the session cannot be renewed and may still exist
 */
export function authorizedFetch(keeper: Keeper, send: typeof fetch, mayReceive: (url: URL) => boolean): typeof fetch {
  /** By origin: when the server refused a token that was new. */
  const vain = new Map<string, number>();

  function sendWith(request: Request, accessToken: string): Promise<Response> {
    request.headers.set("Authorization", `Bearer ${accessToken}`);
    return send(request);
  }

  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const person = keeper.session?.user.id;
    const accessToken = mayReceive(url) ? await keeper.accessToken() : undefined;
    if (accessToken === undefined) return send(request);
    const sender = keeper.session?.user.id;
    if (person !== undefined && person !== sender)
      throw new LatchkeyError("UNAUTHENTICATED", "Somebody else has signed in since");
    const again = request.clone();
    const response = await sendWith(request, accessToken);
    if (response.status !== 401 || Math.abs(Date.now() - (vain.get(url.origin) ?? -vainForMs)) < vainForMs)
      return response;
    // Another call may have renewed the session while this one was under way.
    if (keeper.session?.accessToken === accessToken) await keeper.refresh();
    const renewed = keeper.session;
    // A request that one person made is never sent as another.
    if (renewed === undefined || renewed.accessToken === accessToken || renewed.user.id !== sender) return response;
    await response.body?.cancel();
    const answer = await sendWith(again, renewed.accessToken);
    if (answer.status === 401) vain.set(url.origin, Date.now());
    return answer;
  };
}
