import type { Keeper } from "./keeper.ts";

/**
 * A `fetch` that adds the access token (RFC 6750, section 2.1). When it is refused, the session is renewed and the request
 * sent once more.
 * @param mayReceive whether a URL's server may see the token
 * @throws LatchkeyError when the session can neither be renewed nor is known to have ended
 */
export function authorizedFetch(keeper: Keeper, send: typeof fetch, mayReceive: (url: URL) => boolean): typeof fetch {
  const sendWith = (request: Request, accessToken: string) => {
    request.headers.set("Authorization", `Bearer ${accessToken}`);
    return send(request);
  };
  return async (input, init) => {
    const request = new Request(input, init);
    const accessToken = mayReceive(new URL(request.url)) ? await keeper.accessToken() : undefined;
    if (accessToken === undefined) return send(request);
    const again = request.clone();
    const response = await sendWith(request, accessToken);
    if (response.status !== 401) return response;
    // Another call may have renewed the session while this one was under way.
    if (keeper.session?.accessToken === accessToken) await keeper.refresh();
    const renewed = keeper.session?.accessToken;
    if (renewed === undefined || renewed === accessToken) return response;
    await response.body?.cancel();
    return sendWith(again, renewed);
  };
}
