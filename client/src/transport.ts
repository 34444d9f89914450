import type { Provider, SignIn } from "./api.ts";
import type { Arrival } from "./arrival.ts";
import { ifAllowed, LatchkeyError } from "./errors.ts";
import { twice } from "./persistence.ts";
import type { Call, Service } from "./service.ts";
import type { Group } from "./tabs.ts";

/**
 * What renews a session: the refresh token, which the transport adds, and perhaps more. What has a signal is good once: it is
 * sent once, and a refusal of its token is an error.
 */
export type Renewal = Call & { readonly path: string };

export const byRefreshToken: Renewal = { path: "auth/refresh" };

/** How the refresh token travels and where it is kept. */
export interface Transport {
  /** Whether all tabs of the browser have the same session. */
  readonly isShared: boolean;
  /** Signs in. @param body without what is about the transport */
  signIn(path: string, body: object): Promise<SignIn>;
  /**
   * Gets a new access token. @param isFirst whether it is not a repeat @param renewal only by the refresh token unless given
   * @returns undefined when nobody is signed in
   */
  renew(isFirst: boolean, renewal?: Renewal): Promise<SignIn | undefined>;
  /** What proves that a call is of this session, besides the access token. */
  credentials(): Promise<object>;
  /** Forgets the refresh token. */
  forget(): Promise<void>;
  /** Goes to a provider. @returns what signs in, where this page stays and the person there did not cancel */
  goTo(provider: Provider, redirectTo: string): Promise<(() => Promise<SignIn>) | undefined>;
  /**
   * Where the client runs the flow itself: goes to a provider. @param purpose what for, unless to sign in
   * @returns the answer; undefined when this page does not stay, or the person there cancelled
   */
  authorize?(provider: Provider, redirectTo: string, purpose?: string): Promise<Arrival | undefined>;
  /** The answer for that purpose with which this page was opened. */
  arrival?(purpose: string): Promise<Arrival | undefined>;
  /** Hears of other pages of which the tabs do not tell. */
  onElsewhere?(hear: (isEnd: boolean) => void, group: Group): void;
}

/** The page that is shown, to come back to. @throws LatchkeyError */
export function thisPage(): string {
  const page = ifAllowed(() => location.origin + location.pathname);
  if (!page) throw new LatchkeyError("PLATFORM_ERROR", "There is no page to come back to: set redirectTo");
  return page;
}

/** By an HttpOnly cookie, which no script can read. */
export function cookieTransport(service: Service): Transport {
  return {
    isShared: true,
    signIn: (path, body) => service(path, { body }),
    renew(isFirst, { path, ...call } = byRefreshToken) {
      if (call.signal) return service<SignIn>(path, call);
      const ask = (first: boolean) => twice(first, (signal) => service<SignIn>(path, { ...call, signal }));
      return unlessNobody(ask(isFirst), () => ask(true));
    },
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

/**
 * A refresh token that is refused, or missing, is no failure: nobody is signed in. A gateway's 401 says nothing of that.
 * @param again asks once more when the token is refused: a repeat may be, while the browser keeps a newer one by now
 */
export async function unlessNobody(
  signingIn: Promise<SignIn>,
  again?: () => Promise<SignIn>,
): Promise<SignIn | undefined> {
  try {
    return await signingIn;
  } catch (error) {
    const code = error instanceof LatchkeyError ? error.code : "";
    if (!code.startsWith("REFRESH_TOKEN_")) throw error;
    return again && code === "REFRESH_TOKEN_INVALID" ? unlessNobody(again()) : undefined;
  }
}
