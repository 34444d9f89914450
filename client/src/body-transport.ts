import type { SignIn } from "./api.ts";
import { keepAttempts, type Arrival } from "./arrival.ts";
import { answers, beginAttempt, readCode } from "./authorization-code.ts";
import { twice } from "./persistence.ts";
import type { Service } from "./service.ts";
import { keepRefreshToken, memoryStorage, refreshTokenKey, type TokenStorage } from "./storage.ts";
import { unlessNobody, type Transport } from "./transport.ts";

/**
 * Shows a page to sign in at. @param redirectUri where that page goes in the end
 * @returns the URL that it came to; undefined when it was closed before
 */
export type Browse = (url: string, redirectUri: string) => Promise<string | undefined>;

/** In bodies, for native apps and for pages on another site; the application says where it is kept. */
export function bodyTransport(
  service: Service,
  { storage, browse }: { readonly storage?: TokenStorage | undefined; readonly browse?: Browse | undefined },
): Transport {
  const kept = storage ?? memoryStorage();
  const tokens = keepRefreshToken(kept);
  const postCode = async ({ attempt, url }: Arrival) =>
    signIn(`auth/oauth/${encodeURIComponent(attempt.provider)}`, readCode(url, attempt));
  const attempts = keepAttempts(kept, postCode);

  async function signIn(path: string, body: object): Promise<SignIn> {
    const signedIn = await service<SignIn>(path, { body: { ...body, transport: "body" } });
    attempts.drop();
    await tokens.write(signedIn.refresh_token);
    return signedIn;
  }

  async function refresh(isFirst: boolean): Promise<SignIn | undefined> {
    const sent = await tokens.read();
    if (!sent) return undefined;
    const body = { refresh_token: sent };
    const renewed = await unlessNobody(twice(isFirst, (signal) => service<SignIn>("auth/refresh", { body, signal })));
    // Where another page has signed in meanwhile, it is that session.
    return (await tokens.replace(sent, renewed?.refresh_token)) ? renewed : refresh(true);
  }

  return {
    isShared: false,
    signIn,
    renew: async (isFirst) => (await attempts.finish()) ?? refresh(isFirst),
    async credentials() {
      const refreshToken = await tokens.read();
      return refreshToken ? { refresh_token: refreshToken } : {};
    },
    async forget() {
      attempts.drop();
      await tokens.write(undefined);
    },
    async goTo(provider, redirectTo) {
      const { url, attempt } = await beginAttempt(provider, redirectTo);
      if (browse) {
        const end = await browse(url, redirectTo);
        const arrival = end === undefined ? undefined : { attempt, url: new URL(end) };
        return arrival && answers(arrival.url, attempt) ? () => postCode(arrival) : undefined;
      }
      if (!storage) throw new TypeError("signInWith needs storage or browse");
      await attempts.begin(attempt);
      location.assign(url);
      return undefined;
    },
    onElsewhere(hear, signal) {
      const listener = ({ key, newValue }: StorageEvent) => key === refreshTokenKey && hear(newValue === null);
      globalThis.addEventListener?.("storage", listener, { signal });
    },
  };
}
