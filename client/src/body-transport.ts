import type { SignIn } from "./api.ts";
import { finishArrivals, type Arrival } from "./arrival.ts";
import { answers, beginAttempt, readCode } from "./authorization-code.ts";
import type { Service } from "./service.ts";
import { keys, type TokenStorage } from "./storage.ts";
import { unlessNobody, type Transport } from "./transport.ts";

/**
 * Shows a page to sign in at. @param redirectUri where that page goes in the end
 * @returns the URL that it came to; undefined when it was closed before
 */
export type Browse = (url: string, redirectUri: string) => Promise<string | undefined>;

/** In bodies, for native apps and for pages on another site; the application says where it is kept. */
export function bodyTransport(service: Service, storage: TokenStorage, browse: Browse | undefined): Transport {
  async function keep(signIn: SignIn): Promise<SignIn> {
    if (signIn.refresh_token !== undefined) await storage.setItem(keys.refreshToken, signIn.refresh_token);
    return signIn;
  }
  const signIn = async (path: string, body: object) =>
    keep(await service<SignIn>({ method: "POST", path, body: { ...body, transport: "body" } }));
  const finish = ({ attempt, url }: Arrival) =>
    signIn(`auth/oauth/${encodeURIComponent(attempt.provider)}`, readCode(url, attempt));
  const finishArrival = finishArrivals(storage, finish);

  async function refresh(): Promise<SignIn | undefined> {
    const refreshToken = await storage.getItem(keys.refreshToken);
    if (!refreshToken) return undefined;
    const body = { refresh_token: refreshToken };
    const renewed = await unlessNobody(service<SignIn>({ method: "POST", path: "auth/refresh", body }));
    if (renewed) return keep(renewed);
    await storage.removeItem(keys.refreshToken);
    return undefined;
  }

  return {
    isShared: false,
    signIn,
    renew: async () => (await finishArrival()) ?? refresh(),
    async credentials() {
      const refreshToken = await storage.getItem(keys.refreshToken);
      return refreshToken ? { refresh_token: refreshToken } : {};
    },
    async forget() {
      await storage.removeItem(keys.refreshToken);
    },
    async goTo(provider, redirectTo) {
      const { url, attempt } = await beginAttempt(provider, redirectTo);
      if (browse) {
        const end = await browse(url, redirectTo);
        const arrival = end === undefined ? undefined : { attempt, url: new URL(end) };
        return arrival && answers(arrival.url, attempt) ? () => finish(arrival) : undefined;
      }
      await storage.setItem(keys.attempt, JSON.stringify(attempt));
      location.assign(url);
      return undefined;
    },
  };
}
