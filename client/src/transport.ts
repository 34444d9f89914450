import type { Provider, SignIn } from "./api.ts";
import { LatchkeyError } from "./errors.ts";
import type { Service } from "./service.ts";

/** How the refresh token travels and where it is kept. */
export interface Transport {
  /** Whether all tabs of the browser have the same session. */
  readonly isShared: boolean;
  /** Signs in. @param body without what is about the transport */
  signIn(path: string, body: object): Promise<SignIn>;
  /** Gets a new access token. @returns undefined when nobody is signed in */
  readonly renew: () => Promise<SignIn | undefined>;
  /** What a logout must bring besides the access token. */
  credentials(): Promise<object>;
  /** Forgets the refresh token. */
  forget(): Promise<void>;
  /** Goes to a provider. @returns what signs in, where this page stays and the person there did not cancel */
  goTo(provider: Provider, redirectTo: string): Promise<(() => Promise<SignIn>) | undefined>;
}

/** By an HttpOnly cookie, which no script can read. */
export function cookieTransport(service: Service): Transport {
  return {
    isShared: true,
    signIn: (path, body) => service({ method: "POST", path, body }),
    renew: () => unlessNobody(service({ method: "POST", path: "auth/refresh" })),
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

/** A refused credential is no failure: nobody is signed in. */
export async function unlessNobody(signingIn: Promise<SignIn>): Promise<SignIn | undefined> {
  try {
    return await signingIn;
  } catch (error) {
    if (error instanceof LatchkeyError && error.status === 401) return undefined;
    throw error;
  }
}
