import type { Provider, SignIn } from "./api.ts";
import { LatchkeyError } from "./errors.ts";
import { twice } from "./persistence.ts";
import type { Service } from "./service.ts";

/** How the refresh token travels and where it is kept. */
export interface Transport {
  /** Whether all tabs of the browser have the same session. */
  readonly isShared: boolean;
  /** Signs in. @param body without what is about the transport */
  signIn(path: string, body: object): Promise<SignIn>;
  /** Gets a new access token. @param isFirst whether it is not a repeat @returns undefined when nobody is signed in */
  readonly renew: (isFirst: boolean) => Promise<SignIn | undefined>;
  /** What a logout must bring besides the access token. */
  credentials(): Promise<object>;
  /** Forgets the refresh token. */
  forget(): Promise<void>;
  /** Goes to a provider. @returns what signs in, where this page stays and the person there did not cancel */
  goTo(provider: Provider, redirectTo: string): Promise<(() => Promise<SignIn>) | undefined>;
  /** Hears of other pages of which the tabs do not tell. */
  onElsewhere?(hear: (isEnd: boolean) => void, signal: AbortSignal): void;
}

/** By an HttpOnly cookie, which no script can read. */
export function cookieTransport(service: Service): Transport {
  return {
    isShared: true,
    signIn: (path, body) => service(path, { body }),
    renew: (isFirst) => unlessNobody(twice(isFirst, (signal) => service("auth/refresh", { signal }))),
    credentials: async () => ({}),
    forget: async () => {},
    async goTo({ authorize_url: address }, redirectTo) {
      const url = new URL(address);
      url.searchParams.set("redirect_to", redirectTo);
      location.assign(url.href);
      return undefined;
    },
  };
}

/** A refresh token that is refused, or missing, is no failure: nobody is signed in. A gateway's 401 says nothing of that. */
export async function unlessNobody(signingIn: Promise<SignIn>): Promise<SignIn | undefined> {
  try {
    return await signingIn;
  } catch (error) {
    if (error instanceof LatchkeyError && error.code.startsWith("REFRESH_TOKEN_")) return undefined;
    throw error;
  }
}
